"""Made-up rows in the layouts of the sources: no row is of any data set."""

from __future__ import annotations

GED_HEAD = (
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,conflict_name,dyad_dset_id,"
    "dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,side_b_dset_id,side_b_new_id,side_b,number_of_sources,"
    "source_article,source_office,source_date,source_headline,source_original,where_prec,where_coordinates,"
    "where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,"
    "date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low,gwnoa,gwnob"
)
ACLED_HEAD = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,assoc_actor_1,inter1,"
    "actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,country,admin1,admin2,admin3,location,latitude,"
    "longitude,geo_precision,source,source_scale,notes,fatalities,tags,timestamp"
)
MASS_HEAD = (
    "id,country,ccode,year,region,protest,protestnumber,startday,startmonth,startyear,endday,endmonth,endyear,"
    "protesterviolence,location,participants_category,participants,protesteridentity,protesterdemand1,protesterdemand2,"
    "protesterdemand3,protesterdemand4,stateresponse1,stateresponse2,stateresponse3,stateresponse4,stateresponse5,"
    "stateresponse6,stateresponse7,sources,notes"
)

GED, ACLED, MASS = (head.split(",") for head in (GED_HEAD, ACLED_HEAD, MASS_HEAD))
GED_ROW = {"id": "1", "type_of_violence": "1", "side_a": "Government of Arvenia", "side_b": "Border Front",
           "date_start": "2017-03-01 00:00:00.000", "date_end": "2017-03-02 00:00:00.000", "where_prec": "1",
           "adm_1": "Al Başrah  province", "latitude": "30.5", "longitude": "47.8", "country": "Iraq", "low": "1",
           "best": "2", "high": "3"}  # fmt: skip
ACLED_ROW = {"event_id_cnty": "ARV1", "event_date": "25 October 2019", "time_precision": "1", "event_type": "Protests",
             "actor1": "Protesters (Arvenia)", "actor2": "", "country": "Iraq", "admin1": "Thi-Qar",
             "latitude": "31.05", "longitude": "46.25", "fatalities": "0", "tags": "crowd size=about 300"}  # fmt: skip
MASS_ROW = {"id": "1", "country": "Iraq", "year": "2019", "protest": "1", "startday": "1", "startmonth": "10",
            "startyear": "2019", "endday": "6", "endmonth": "10", "endyear": "2019", "location": "central Baghdad",
            "participants_category": "100-999", "participants": "100s"}  # fmt: skip


def table(columns: list[str], *rows: dict[str, str]) -> bytes:
    """A CSV of these rows; cells not given are empty."""
    lines = [",".join(columns)]
    lines += [",".join(f'"{row[c]}"' if row.get(c) else "" for c in columns) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def ged(**changes: str) -> bytes:
    """One GED row with changes."""
    return table(GED, GED_ROW | changes)


def many_ged(rows: int) -> bytes:
    """Many rows over 18 governorates and 30 years."""
    names = ["Baghdād province", "Nīnawá province", "Dhī Qār province", "Kirkūk province"]
    made = (
        GED_ROW | {"id": str(k), "adm_1": names[k % 4], "date_start": f"{1989 + k % 30}-0{1 + k % 9}-1{k % 10}",
                   "date_end": f"{1989 + k % 30}-0{1 + k % 9}-1{k % 10}"} for k in range(rows)
    )  # fmt: skip
    return table(GED, *made)
