"""Mechanisms written from the ODD+D protocol alone, by someone who had seen no code of the project.

The protocol is what `groundswell odd iraq-2019 --explanation mixed` printed then; `test_protocol.py` holds these
against the code. Where it was silent, Qn marks what was assumed. Three places that could be read in two ways were made
plain in it afterwards: who counts as forces in two kernels, and of what a value of 0 is said in a third.
"""

import math

INF = float("inf")


# III.i, random functions and arithmetic, "each in its own words"


def _exp(x):
    """`exp`: 0 below -708, infinite above 709.7."""
    if x < -708.0:
        return 0.0
    if x > 709.7:
        return INF
    return math.exp(x)


def _log(x):
    """`log`: minus infinity at 0."""
    return math.log(x) if x > 0 else -INF


def _power(x, y):
    """`power`: x to the y for x >= 0. 0 to the 0 is taken as 1 (Q14), although exp(0 log 0) would be no number."""
    if y == 0:
        return 1.0
    return _exp(y * _log(x))


def _logistic(x):
    return 1.0 / (1.0 + _exp(-x))


def _hold(x, low, high):
    return min(max(x, low), high)


# tables and ties


def _rows(s, table, *links):
    """Rows of a table: the longest of its columns that are given, else what the link columns reach (Q3)."""
    lengths = [len(column) for name, column in s.items() if name.startswith(table + ".")]
    if lengths:
        return max(lengths)
    reached = [int(max(s[name])) + 1 for name in links if name in s and len(s[name])]
    return max(reached) if reached else 0


def _column(s, name, n):
    """A column as it stands, or 0 where nothing feeds it. Entries past the given ones do not exist."""
    column = s.get(name)
    if column is None:
        return [0.0] * n
    return list(column)


def _link(s, name):
    return [int(x) for x in s[name]]


def _ties(ties, kind, n):
    """Ties of a kind as (target, source, amount) in order of target; offset[f]..offset[f + 1] - 1 are those of f."""
    table = (ties or {}).get(kind)
    if table is None:
        return []
    source = [int(x) for x in table["source"]]
    amount = None
    for name in ("amount", "weight", "share"):
        if name in table:
            amount = [float(x) for x in table[name]]
            break
    if amount is None:
        amount = [1.0] * len(source)
    if "offset" in table:
        offset = [int(x) for x in table["offset"]]
        return [
            (f, source[k], amount[k]) for f in range(min(n, len(offset) - 1)) for k in range(offset[f], offset[f + 1])
        ]
    target = [int(x) for x in table["target"]]
    return list(zip(target, source, amount, strict=False))


def _legitimacy(s, n):
    legitimacy = _column(s, "community.legitimacy", n)
    change = _column(s, "community.legitimacy_change", n)
    return [_hold(legitimacy[c] + change[c], 0.0, 1.0) for c in range(n)]


def _country_of_community(s):
    country = _link(s, "place.country")
    return [country[p] for p in _link(s, "community.place")]


# perceive


def common_shock(s, p, t, days, ties, draw):
    n_country = _rows(s, "country", "place.country")
    n_community = _rows(s, "community")
    dated = _column(s, "country.shock", n_country)
    latent = _column(s, "country.latent_shock", n_country)
    exposure_ = _column(s, "community.shock_exposure", n_community)
    kept = _exp(-days / p["memory"])
    new = []
    for k in range(n_country):
        z = draw("normal", k, 0)
        if t == 0:
            new.append(p["sd"] * z)
        else:
            new.append(kept * latent[k] + p["sd"] * math.sqrt(1.0 - kept * kept) * z)
    country = _country_of_community(s)
    common = [exposure_[c] * (dated[country[c]] + new[country[c]]) for c in range(n_community)]
    return {"country.latent_shock": new, "community.common_shock": common}


def concession(s, p, t, days, ties, draw):
    n_country = _rows(s, "country", "place.country")
    n_community = _rows(s, "community")
    made = _column(s, "country.concession", n_country)
    broken = _column(s, "country.promise_broken", n_country)
    old = _column(s, "country.credibility", n_country)
    felt = _column(s, "community.efficacy", n_community)
    right = _legitimacy(s, n_community)
    country = _country_of_community(s)
    credibility = [(p["credibility"] if t == 0 else old[k]) * (1.0 - p["miss"] * broken[k]) for k in range(n_country)]
    kept = _exp(-days / p["decay"])
    efficacy, added = [], []
    for c in range(n_community):
        k = country[c]
        efficacy.append(felt[c] * kept + p["efficacy"] * made[k])
        added.append(p["relief"] * credibility[k] * made[k] * (1.0 - right[c]))
    return {
        "country.credibility": credibility,
        "community.efficacy": efficacy,
        "community.legitimacy_change": added,
    }


def contagion(s, p, t, days, ties, draw):
    n_place = _rows(s, "place")
    n_community = _rows(s, "community")
    turnout = _column(s, "place.turnout", n_place)
    population = _column(s, "place.population", n_place)
    internet = _column(s, "place.internet", n_place)
    old = _column(s, "place.recent_activity", n_place)
    country = _link(s, "place.country")
    place = _link(s, "community.place")
    k = _exp(-days / p["memory"])
    # Q10: "(0 where nobody lives)" is taken of turnout / population
    recent = [
        k * old[q] + (1.0 - k) * (turnout[q] / population[q] if population[q] > 0 else 0.0) for q in range(n_place)
    ]
    pulled = [0.0] * n_place
    amounts = [0.0] * n_place
    for target, source, amount in _ties(ties, "neighbour", n_place):
        pulled[target] += amount * recent[source]
        amounts[target] += amount
    term = []
    for q in range(n_place):
        near = pulled[q] / amounts[q] if amounts[q] > 0 else 0.0
        heads = total = 0.0
        for o in range(n_place):
            if o != q and country[o] == country[q]:
                heads += population[o]
                total += population[o] * recent[o]
        wide = total / heads if heads > 0 else 0.0
        attention = (1.0 - p["broad"]) * near + p["broad"] * wide
        below = p["half"] + attention
        term.append(p["weight"] * internet[q] * attention / below if below > 0 else 0.0)
    return {"place.recent_activity": recent, "community.contagion": [term[place[c]] for c in range(n_community)]}


def endorsement(s, p, t, days, ties, draw):
    n_actor = _rows(s, "actor")
    n_community = _rows(s, "community")
    statement = _column(s, "actor.statement", n_actor)
    where = _link(s, "actor.country")
    old = _column(s, "community.endorsement", n_community)
    country = _country_of_community(s)
    kept = _exp(-days / p["decay"])
    new = []
    for c in range(n_community):
        said = 0.0
        for a in range(n_actor):
            if where[a] == country[c]:
                said += statement[a]
        new.append(_hold(old[c] * kept + p["strength"] * said, -1.0, 1.0))
    return {"community.endorsement": new}


def long_memory(s, p, t, days, ties, draw):
    n_community = _rows(s, "community")
    violence = _column(s, "community.past_violence", n_community)
    elapsed = t * days  # Q6
    kept = _exp(-elapsed / (365.25 * p["decay"]))
    return {"community.fear_floor": [p["weight"] * violence[c] * kept for c in range(n_community)]}


def pact(s, p, t, days, ties, draw):
    n_country = _rows(s, "country", "place.country")
    n_community = _rows(s, "community")
    made = _column(s, "country.pact", n_country)
    felt = _column(s, "community.pact", n_community)
    country = _country_of_community(s)
    kept = _exp(-days / p["decay"])
    return {"community.pact": [felt[c] * kept + p["weight"] * made[country[c]] for c in range(n_community)]}


def revenue(s, p, t, days, ties, draw):
    n = _rows(s, "actor")
    price = _column(s, "actor.oil_price", n)
    exports = _column(s, "actor.oil_exports", n)
    other = _column(s, "actor.other_revenue", n)
    leak = _column(s, "actor.leak", n)
    usual_price = _column(s, "actor.usual_oil_price", n)
    usual_exports = _column(s, "actor.usual_oil_exports", n)
    usual = _column(s, "actor.usual_revenue", n)
    leaked, earned = [], []
    for a in range(n):
        gross = price[a] * exports[a] + other[a]
        leaked.append(leak[a] * gross)
        earned.append(gross - leaked[a])
        if t == 0:
            usual[a] = (usual_price[a] * usual_exports[a] + other[a]) * (1.0 - leak[a])
    return {"actor.revenue": earned, "actor.leaked": leaked, "actor.usual_revenue": usual}


def risk_perception(s, p, t, days, ties, draw):
    n_place = _rows(s, "place", "unit.place")
    n_unit = _rows(s, "unit")
    turnout = _column(s, "place.turnout", n_place)
    strength = _column(s, "unit.strength", n_unit)
    shirking = _column(s, "unit.shirking", n_unit)
    place = _link(s, "unit.place")
    forces = [0.0] * n_place
    for u in range(n_unit):
        forces[place[u]] += strength[u] * (1.0 - shirking[u])  # Q1
    risk = []
    for q in range(n_place):
        if forces[q] > 0:
            risk.append(p["highest"] / (1.0 + _power((turnout[q] + 1.0) / (p["ratio"] * forces[q]), p["sharpness"])))
        else:
            risk.append(0.0)
    return {"place.arrest_risk": risk}


def patron_budget(s, p, t, days, ties, draw):
    n = _rows(s, "actor")
    n_country = _rows(s, "country", "actor.country")
    earned = _column(s, "actor.revenue", n)
    usual_revenue = _column(s, "actor.usual_revenue", n)
    share = _column(s, "actor.patron_share", n)
    host = _column(s, "actor.host_pay", n)
    own = _column(s, "actor.own_income", n)
    home_unrest = _column(s, "actor.home_unrest", n)
    loss = _column(s, "actor.capability_loss", n)
    turnout = _column(s, "country.turnout", n_country)
    population = _column(s, "country.population", n_country)
    usual_grant = _column(s, "actor.usual_grant", n)
    usual_home = _column(s, "actor.usual_home", n)
    where = _link(s, "actor.country")
    client = _ties(ties, "client", n)
    first = t == 0
    if first:
        usual_grant = [0.0] * n
        for f in {tie[0] for tie in client}:
            usual_grant[f] = share[f] / (1.0 - share[f]) * (host[f] + own[f])
    pool = [0.0] * n
    lost = [0.0] * n
    for f, a, amount in client:
        pool[a] += amount * usual_grant[f]
        lost[a] += amount * usual_grant[f] * loss[f]
    budget, spent_home, spent_abroad = [0.0] * n, [0.0] * n, [0.0] * n
    for a in range(n):
        if pool[a] == 0:
            usual_home[a] = 0.0  # Q12: "all of these" leaves out usual_grant, that an actor has as a client
            continue
        threat = lost[a] / pool[a]
        heads = population[where[a]]
        unrest = (100.0 * turnout[where[a]] / heads if heads > 0 else 0.0) + home_unrest[a]
        chi = _logistic(p["home"] + p["unrest"] * unrest + p["threat"] * threat)
        chi0 = _logistic(p["home"])
        lift = 1.0
        if usual_revenue[a] != 0:
            lift = _power(earned[a] / usual_revenue[a], p["elasticity"])
        abroad = pool[a] * lift * ((1.0 - chi) / (1.0 - chi0))
        home = pool[a] * lift * (chi / (1.0 - chi0))
        if abroad + home > earned[a]:
            home = earned[a] * chi
            abroad = earned[a] - home
        spent_home[a] = home
        spent_abroad[a] = abroad
        budget[a] = home + abroad
        if first:
            usual_home[a] = pool[a] * (chi0 / (1.0 - chi0))
    return {
        "actor.usual_grant": usual_grant,
        "actor.usual_home": usual_home,
        "actor.budget": budget,
        "actor.spent_home": spent_home,
        "actor.spent_abroad": spent_abroad,
    }


def patronage(s, p, t, days, ties, draw):
    n = _rows(s, "actor")
    spent_abroad = _column(s, "actor.spent_abroad", n)
    usual_grant = _column(s, "actor.usual_grant", n)
    change = _column(s, "actor.influence_change", n)
    host = _column(s, "actor.host_pay", n)
    own = _column(s, "actor.own_income", n)
    largest = max(change) if n else 0.0
    claim = []
    total = [0.0] * n
    for f, a, amount in _ties(ties, "client", n):
        g = amount * usual_grant[f] * _exp((change[f] - largest) / p["kappa"])
        claim.append((f, a, g))
        total[a] += g
    grant = [0.0] * n
    for f, a, g in claim:
        if total[a] != 0:
            grant[f] += spent_abroad[a] * (g / total[a])
    return {"actor.grant": grant, "actor.income": [grant[a] + host[a] + own[a] for a in range(n)]}


# act


def exposure(s, p, t, days, ties, draw):
    n = _rows(s, "community")
    turnout = _column(s, "community.turnout", n)
    deaths = _column(s, "community.deaths", n)
    injuries = _column(s, "community.injuries", n)
    arrests = _column(s, "community.arrests", n)
    rho = []
    for c in range(n):
        exposed = turnout[c] + p["bystanders"]
        hurt = deaths[c] + p["injury_weight"] * injuries[c] + p["arrest_weight"] * arrests[c]
        rho.append(1000.0 * hurt / days / exposed if exposed > 0 else 0.0)
    return {"community.repression": rho}


# settle
