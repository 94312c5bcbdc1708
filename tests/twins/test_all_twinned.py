"""Every kernel has a twin: the list below names the test that compares the two."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from groundswell import canon, mechanisms
from groundswell.compiled import Kernel

TWINS = {
    "chance.at": "test_chance.test_at",
    "chance.philox": "test_chance.test_philox",
    "chance.two_uniforms": "test_chance.test_two_uniforms",
    "chance.words": "test_chance.test_words",
    "chance.uniform": "test_chance.test_uniform",
    "chance.exp": "test_chance.test_exp",
    "chance.log": "test_chance.test_log",
    "chance.power": "test_chance.test_power",
    "chance.logistic": "test_chance.test_logistic",
    "chance.exponential": "test_chance.test_exponential",
    "chance.normal_quantile": "test_chance.test_normal_quantile",
    "chance.normal": "test_chance.test_normal",
    "chance.stirling_tail": "test_chance.test_stirling_tail",
    "chance.poisson": "test_chance.test_poisson",
    "chance.binomial": "test_chance.test_binomial",
    "chance.choose": "test_chance.test_choose",
    "chance.sure_none": "test_chance.test_sure_none",
    "quantiles.fill_beta": "test_quantiles.test_fill_beta",
    "quantiles.look_up": "test_quantiles.test_look_up",
    "quantiles.fill_quantiles": "test_quantiles.test_fill_quantiles",
    "quantiles.fill_uniforms": "test_quantiles.test_fill_uniforms",
    "world.ties.pull": "test_ties.test_pull",
    "world.ties.bijection": "test_ties.test_bijection",
    "world.ties.inverse": "test_ties.test_inverse",
    "world.people.draw_trait": "test_people.test_draw_trait",
    "world.people.draw_people": "test_people.test_draw_people",
    "world.people.weighted_sum": "test_people.test_weighted_sum",
    "mechanisms.anger.enrage": "test_anger.test_enrage",
    "mechanisms.arrest.detain": "test_arrest.test_detain",
    "mechanisms.capability.build_up": "test_money.test_build_up",
    "mechanisms.home_capacity.couple": "test_money.test_couple",
    "mechanisms.leakage.resent": "test_money.test_resent",
    "mechanisms.loyalty.waver": "test_loyalty.test_waver",
    "mechanisms.patron_budget.divide": "test_money.test_divide",
    "mechanisms.patronage.share_out": "test_money.test_share_out",
    "mechanisms.pay.owe": "test_money.test_owe",
    "mechanisms.revenue.earn": "test_money.test_earn",
    "mechanisms.calendar.day_costs": "test_calendar.test_day_costs",
    "mechanisms.common_shock.jolt": "test_common_shock.test_jolt",
    "mechanisms.concession.concede": "test_concession.test_concede",
    "mechanisms.contagion.attend": "test_contagion.test_attend",
    "mechanisms.crowd.count": "test_crowd.test_count",
    "mechanisms.endorsement.listen": "test_endorsement.test_listen",
    "mechanisms.exposure.weigh": "test_exposure.test_weigh",
    "mechanisms.fear.frighten": "test_fear.test_frighten",
    "mechanisms.harm.strike": "test_harm.test_strike",
    "mechanisms.influence.watch_one": "test_influence.test_watch_one",
    "mechanisms.influence.watch_group": "test_influence.test_watch_group",
    "mechanisms.influence.watch": "test_influence.test_watch",
    "mechanisms.long_memory.remember": "test_long_memory.test_remember",
    "mechanisms.mean_crowd.count_means": "test_mean_field.test_count_means",
    "mechanisms.mean_influence.watch_means": "test_mean_field.test_watch_means",
    "mechanisms.mean_mobilisation.decide_means": "test_mean_field.test_decide_means",
    "mechanisms.mean_mobilisation.mean_terms": "test_mean_field.test_mean_terms",
    "mechanisms.mobilisation.decide": "test_mobilisation.test_decide",
    "mechanisms.mobilisation.average_terms": "test_mobilisation.test_average_terms",
    "mechanisms.office.resign": "test_office.test_resign",
    "mechanisms.pact.agree": "test_pact.test_agree",
    "mechanisms.place_influence.look_around": "test_place_influence.test_look_around",
    "mechanisms.repression.deploy": "test_repression.test_deploy",
    "mechanisms.risk_floor.estimate_floor": "test_risk_floor.test_estimate_floor",
    "mechanisms.risk_perception.estimate": "test_risk_perception.test_estimate",
    "mechanisms.visibility.see": "test_visibility.test_see",
    "evidence.reporting.publish": "test_reporting.test_publish",
    "evidence.reporting.thin": "test_reporting.test_thin",
    "evidence.reporting.thin_crowds": "test_reporting.test_thin_crowds",
    "evidence.reporting.thin_events": "test_reporting.test_thin_events",
    "inference.forecasters.poissons": "test_panel.test_poissons",
    "inference.panel_draws.allot": "test_panel.test_allot",
    "inference.panel_draws.gamma": "test_panel.test_gamma",
    "inference.panel_draws.step": "test_panel.test_step",
    "inference.panel_draws.walk": "test_panel.test_walk",
    "canon.epstein.arrest_risk": "test_epstein.test_arrest_risk",
    "canon.epstein.draw_frame": "test_epstein.test_draw_frame",
    "canon.epstein.rebel": "test_epstein.test_rebel",
    "canon.epstein.suspect": "test_epstein.test_suspect",
    "canon.epstein.look_ahead": "test_epstein.test_look_ahead",
    "canon.epstein_together.count_near": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.decide": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.draw_traits": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.imprison": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.move": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.pursue": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.settle": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.want": "test_epstein_together.test_step_by_step",
    "canon.epstein_together.wrap": "test_epstein_together.test_step_by_step",
    "canon.epstein_groups.draw_groups": "test_epstein_groups.test_draw_groups",
    "canon.epstein_groups.fight": "test_epstein_groups.test_fight",
    "canon.epstein_groups.pick": "test_epstein_groups.test_pick",
    "canon.granovetter.cascade": "test_granovetter.test_cascade",
    "canon.granovetter.draw_thresholds": "test_granovetter.test_draw_thresholds",
    "canon.hawkes.families": "test_hawkes.test_families",
    "canon.hawkes.improve": "test_hawkes.test_improve",
    "canon.hawkes.likelihood": "test_hawkes.test_likelihood",
    "canon.lang_de_sterck.follow": "test_lang_de_sterck.test_follow",
    "canon.torus.any_free": "test_torus.test_free_cell_and_any_free",
    "canon.torus.free_cell": "test_torus.test_free_cell_and_any_free",
    "canon.torus.go": "test_torus.test_go",
    "canon.torus.place_all": "test_torus.test_place_all",
    "canon.torus.seen_cell": "test_torus.test_seen_cell",
    "canon.torus.shuffle": "test_torus.test_shuffle",
    "canon.torus.spread": "test_torus.test_spread",
    "canon.torus.try_two": "test_torus.test_free_cell_and_any_free",
}


def kernels() -> set[str]:
    modules = ["chance", "quantiles", "world.ties", "world.people", "evidence.reporting"]
    modules += [f"mechanisms.{found.name}" for found in pkgutil.iter_modules(mechanisms.__path__)]
    modules += ["inference.forecasters", "inference.panel_draws"]
    modules += [f"canon.{found.name}" for found in pkgutil.iter_modules(canon.__path__)]
    names = set()
    for module in modules:
        for value in vars(importlib.import_module(f"groundswell.{module}")).values():
            if isinstance(value, Kernel) and value.function.__module__ == f"groundswell.{module}":
                names.add(f"{module}.{value.function.__name__}")
    return names


def test_every_kernel_is_twinned() -> None:
    assert len(kernels()) > 30
    assert kernels() - set(TWINS) == set(), "write a twin in tests/twins and name its test here"
    assert set(TWINS) - kernels() == set(), "a kernel that is gone"


def test_every_named_test_exists() -> None:
    folder = Path(__file__).parent
    for kernel, test in TWINS.items():
        file, name = test.split(".")
        text = (folder / f"{file}.py").read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", text, re.M), f"{kernel}: {test}"
        assert re.search(rf"kernels\.{kernel.split('.')[-1]}\(", text), f"{test} never calls {kernel}"
