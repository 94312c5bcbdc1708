"""The mechanisms of the last phase, from the protocol alone: the other half of `from_protocol.py`."""

import math

from twins.from_protocol import (
    _column,
    _country_of_community,
    _exp,
    _hold,
    _legitimacy,
    _link,
    _log,
    _power,
    _rows,
    _ties,
)


def leakage(s, p, t, days, ties, draw):
    n_actor = _rows(s, "actor")
    n_community = _rows(s, "community")
    leaked = _column(s, "actor.leaked", n_actor)
    earned = _column(s, "actor.revenue", n_actor)
    where = _link(s, "actor.country")
    right = _legitimacy(s, n_community)
    country = _country_of_community(s)
    added = []
    for c in range(n_community):
        lost = total = 0.0
        for a in range(n_actor):
            if where[a] == country[c]:
                lost += leaked[a]
                total += leaked[a] + earned[a]
        share = lost / total if total != 0 else 0.0
        added.append(-right[c] * (1.0 - _exp(-p["cost"] * share * days / 365.0)))
    return {"community.legitimacy_change": added}


def pay(s, p, t, days, ties, draw):
    n = _rows(s, "actor")
    income = _column(s, "actor.income", n)
    usual_grant = _column(s, "actor.usual_grant", n)
    host = _column(s, "actor.host_pay", n)
    own = _column(s, "actor.own_income", n)
    usual = _column(s, "actor.usual_income", n)
    arrears = _column(s, "actor.arrears", n)
    for a in range(n):
        if t == 0:
            usual[a] = usual_grant[a] + host[a] + own[a]
        gap = 0.0
        if usual[a] != 0:
            gap = _hold(1.0 - income[a] / usual[a], 0.0, 1.0)
            if gap < 1e-12:
                gap = 0.0
        if t == 0:
            arrears[a] = p["settled"] * gap
        arrears[a] += (gap - arrears[a]) * (1.0 - _exp(-days / p["lag"]))  # Q7: on the first step too
    return {"actor.usual_income": usual, "actor.arrears": arrears}


def capability(s, p, t, days, ties, draw):
    n = _rows(s, "actor")
    income = _column(s, "actor.income", n)
    usual = _column(s, "actor.usual_income", n)
    loss = _column(s, "actor.capability_loss", n)
    for a in range(n):
        target = 0.0  # Q2: "0 where ..." is taken of the target, not of the loss
        if usual[a] != 0 and not abs(income[a] - usual[a]) < 1e-12 * usual[a]:
            target = 1.0 - _power(income[a] / usual[a], p["eta"])
        loss[a] += (target - loss[a]) * (1.0 - _exp(-days / p["memory"]))
    return {"actor.capability_loss": loss}


def loyalty(s, p, t, days, ties, draw):
    n_unit = _rows(s, "unit")
    n_place = _rows(s, "place", "unit.place", "community.place")
    n_community = _rows(s, "community")
    n_actor = _rows(s, "actor", "unit.actor")
    n_country = _rows(s, "country", "place.country")
    place = _link(s, "unit.place")
    actor = _link(s, "unit.actor")
    home = _link(s, "community.place")
    country = _link(s, "place.country")
    strength = _column(s, "unit.strength", n_unit)
    severity = _column(s, "unit.severity", n_unit)
    coethnic = _column(s, "unit.coethnic", n_unit)
    shirking = _column(s, "unit.shirking", n_unit)
    loyal = [int(x) for x in _column(s, "unit.loyal", n_unit)]
    passive = [int(x) for x in _column(s, "unit.passive", n_unit)]
    resisting = [int(x) for x in _column(s, "unit.resisting", n_unit)]
    turnout = _column(s, "place.turnout", n_place)
    arrears = _column(s, "actor.arrears", n_actor)
    ideology = _column(s, "actor.ideology", n_actor)
    standing = _column(s, "community.endorsement", n_community)
    residents = _column(s, "community.population", n_community)

    for u in range(n_unit):
        if loyal[u] + passive[u] + resisting[u] == 0:
            loyal[u] = math.floor(p["sub_units"])

    obey = [0.0] * n_place
    not_obeying = [0] * n_place
    sub_units = [0] * n_place
    for u in range(n_unit):
        q = place[u]
        obey[q] += strength[u] * (1.0 - shirking[u])
        not_obeying[q] += passive[u] + resisting[u]
        sub_units[q] += loyal[u] + passive[u] + resisting[u]
    said = [0.0] * n_place
    heads = [0.0] * n_place
    for c in range(n_community):
        said[home[c]] += residents[c] * standing[c]
        heads[home[c]] += residents[c]

    for u in range(n_unit):
        q, a = place[u], actor[u]
        neighbours = not_obeying[q] / sub_units[q] if sub_units[q] > 0 else 0.0
        statements = said[q] / heads[q] if heads[q] > 0 else 0.0
        rise = (
            p["orders"] * severity[u] * coethnic[u]
            + p["crowd"] * _log(1.0 + turnout[q] / max(obey[q], 1.0))
            + p["arrears"] * arrears[a]
            + p["neighbours"] * neighbours
            + p["statements"] * statements
            - p["ideology"] * ideology[a]
        )
        hazard = p["rate"] * _exp(min(30.0, rise))
        leaving = p["resist"] * hazard + p["back"]
        shirk = int(draw("binomial", u, 0, loyal[u], 1.0 - _exp(-hazard * days)))
        leave = int(draw("binomial", u, 1, passive[u], 1.0 - _exp(-leaving * days)))
        chance = p["resist"] * hazard / leaving if leaving > 0 else 0.0
        resist = int(draw("binomial", u, 2, leave, chance))
        loyal[u] += leave - resist - shirk
        passive[u] += shirk - leave
        resisting[u] += resist
        all_of_it = loyal[u] + passive[u] + resisting[u]
        shirking[u] = (passive[u] + resisting[u]) / all_of_it if all_of_it > 0 else 0.0

    gone = [0.0] * n_country
    whole = [0.0] * n_country
    for u in range(n_unit):
        k = country[place[u]]
        gone[k] += strength[u] * shirking[u]
        whole[k] += strength[u]
    return {
        "unit.loyal": loyal,
        "unit.passive": passive,
        "unit.resisting": resisting,
        "unit.shirking": shirking,
        "country.loyalty_loss": [gone[k] / whole[k] if whole[k] > 0 else 0.0 for k in range(n_country)],
    }


def home_capacity(s, p, t, days, ties, draw):
    n = _rows(s, "actor")
    spent_home = _column(s, "actor.spent_home", n)
    usual_home = _column(s, "actor.usual_home", n)
    usual_grant = _column(s, "actor.usual_grant", n)
    loss = _column(s, "actor.capability_loss", n)
    pool = [0.0] * n
    lost = [0.0] * n
    for f, a, amount in _ties(ties, "client", n):
        pool[a] += amount * usual_grant[f]
        lost[a] += amount * usual_grant[f] * loss[f]
    capacity = []
    for a in range(n):
        if usual_home[a] > 0:
            mean = lost[a] / pool[a] if pool[a] != 0 else 0.0
            capacity.append(_power(spent_home[a] / usual_home[a], p["power"]) * _exp(-p["psi"] * mean))
        else:
            capacity.append(0.0)
    return {"actor.home_capacity": capacity}


def office(s, p, t, days, ties, draw):
    n_country = _rows(s, "country", "place.country")
    n_community = _rows(s, "community")
    turnout = _column(s, "country.turnout", n_country)
    population = _column(s, "country.population", n_country)
    loss = _column(s, "country.loyalty_loss", n_country)
    recent = _column(s, "country.recent_deaths", n_country)
    resigned = [int(x) for x in _column(s, "country.resigned", n_country)]
    deaths = _column(s, "community.deaths", n_community)
    standing = _column(s, "community.endorsement", n_community)
    residents = _column(s, "community.population", n_community)
    right = _legitimacy(s, n_community)
    country = _country_of_community(s)
    kept = _exp(-days / p["memory"])
    died = [0.0] * n_country
    said = [0.0] * n_country
    heads = [0.0] * n_country
    for c in range(n_community):
        k = country[c]
        died[k] += deaths[c]
        said[k] += residents[c] * standing[c]
        heads[k] += residents[c]
    hazard = []
    now = [False] * n_country
    for k in range(n_country):
        recent[k] = recent[k] * kept + died[k]
        street = turnout[k] / population[k] if population[k] > 0 else 0.0
        mean = said[k] / heads[k] if heads[k] > 0 else 0.0
        if resigned[k] == 1:
            hazard.append(0.0)
        else:
            rise = (
                p["base"]
                + p["disruption"] * 100.0 * street
                + p["deaths"] * recent[k] / 100.0
                + p["endorsement"] * mean
                + p["loyalty"] * loss[k]
            )
            hazard.append(_exp(min(10.0, rise)))
        if draw("uniform", k, 0) < 1.0 - _exp(-hazard[k] * days):
            resigned[k] = 1
            now[k] = True
    added = []
    for c in range(n_community):
        if not now[country[c]]:
            added.append(0.0)
        elif p["effect"] >= 0:
            added.append(p["effect"] * (1.0 - right[c]))
        else:
            added.append(p["effect"] * right[c])
    return {
        "country.recent_deaths": recent,
        "country.resignation_hazard": hazard,
        "country.resigned": resigned,
        "community.legitimacy_change": added,
    }
