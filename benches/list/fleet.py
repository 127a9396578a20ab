#!/usr/bin/env python3
"""Puts workloads at rest into the database of a server that does not run: as many as are wanted, each with an artifact,
a tag, an owner and two weeks of traffic. Through the API it would take minutes, and they would run.

    fleet.py <data folder>/handover.db <how many>
"""

import sqlite3
import sys
import time

DAY = 86_400_000_000
MINUTE = 60_000_000
LATENCIES = "[[12,40],[13,120],[14,300],[15,420],[16,500],[17,380],[18,200],[20,90],[24,20],[31,3]]"
RUNTIME = '{"containerGroups":[]}'


def fill(path, many):
    """Every third runs a draft; there are fifty tags."""
    with sqlite3.connect(path) as link:
        (org, user) = link.execute("SELECT org_id, id FROM users LIMIT 1").fetchone()
        now = int(time.time() * 1e6)
        midnight = now // DAY * DAY
        for n in range(many):
            # A minute after the one before.
            at = now - (many - n) * MINUTE
            key, name = f"{n + 0xabc000000000000:024x}", f"workload {n}"
            status, version = ("draft", None) if n % 3 == 0 else ("locked", 1)
            stored = [
                ("repositories", dict(id=key, org_id=org, name=name, name_key=name.encode(), search_text=name,
                                      kind="service", last_version=1, creator_id=user, created_at=at, updated_at=at)),
                ("artifacts", dict(id=key, org_id=org, repository_id=key, name=name, name_key=name.encode(),
                                   description="", search_text=name, kind="service", status=status, version=version,
                                   spec=RUNTIME, creator_id=user, created_at=at, updated_at=at, revision=1)),
                ("workloads", dict(id=key, org_id=org, name=name, name_key=name.encode(), description="what it does",
                                   search_text=f"{name} what it does", importance="low", importance_rank=0,
                                   wanted="stopped", artifact_id=key, runtime=RUNTIME, active_proton=key,
                                   creator_id=user, created_at=at, updated_at=at, revision=1, last_response_at=at)),
                ("protons", dict(id=key, org_id=org, workload_id=key, artifact_id=key, name="p", status="stopped",
                                 role="active", snapshot='{"spec":{"containerGroups":[]},"runtime":' + RUNTIME
                                 + ',"label":"v1"}', restarts=0, creator_id=user, created_at=at, updated_at=at)),
                ("grants", dict(org_id=org, entity_kind="workload", entity_id=key, recipient=f"user:{user}",
                                role="OWNER", granted_at=at)),
                ("tags", dict(org_id=org, entity_kind="workload", entity_id=key, position=0, id=key, name="team",
                              value=f"t{n % 50}")),
            ]
            stored += [
                ("days", dict(org_id=org, workload_id=key, proton_id=key, at=midnight - back * DAY, requests=2073,
                              user_errors=4, server_errors=2, peak=9, latencies=LATENCIES))
                for back in range(14)
            ]
            for table, row in stored:
                places = ", ".join("?" * len(row))
                link.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))
    link.close()


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
