"""The story of story.mjs in the official Python SDK: `story.py legacy|REVISION PART JSON`."""

import asyncio
import json
import sys

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

with open("story.json", encoding="utf-8") as file:
    STORY = json.load(file)
MODE, PART, GIVEN = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])


async def think(client):
    """Twelve thoughts, with a revision and a branch."""
    named = {tool.name for tool in (await client.list_tools()).tools}
    assert {"sequentialthinking", "sequentialthinking_hydrate", "search", "relocate_note"} <= named, named
    more = {"session_title": STORY["title"]}
    for at, thought in enumerate(STORY["thoughts"]):
        asked = {"totalThoughts": 10, "nextThoughtNeeded": True, **thought}
        answer = await call(client, "sequentialthinking", {**asked, **more})
        more = {"session_note_id": more.get("session_note_id", answer["session_note_id"])}
        assert answer["session_note_id"] == more["session_note_id"], answer
        for field in ("thoughtNumber", "totalThoughts", "nextThoughtNeeded"):
            assert answer[field] == asked[field], answer
        assert answer["thoughtHistoryLength"] == at + 1, answer
        assert answer["branches"] == (["retry-policy"] if at >= 7 else []), answer
    return {"session": more["session_note_id"]}


async def resume(client):
    """All of it is there in a new process, is found by its words, and moves."""
    before = await hydrated(client)
    assert before["title"] == STORY["title"] and before["next_number"] == 11, before
    found = (STORY["found"]["thoughtNumber"], STORY["found"]["branchId"])
    sought = next(t["id"] for t in before["thoughts"] if (t["number"], t.get("branch")) == found)
    answer = await call(client, "search", {"query": STORY["query"]})
    assert answer["lines"][0].startswith(sought), answer
    await call(client, "relocate_note", {"note": GIVEN["session"], "to": STORY["moved"]})
    return {"session": GIVEN["session"], "sought": sought, "path": before["session_path"]}


async def again(client):
    """And is all there after the move, under the same ids, in another place."""
    after = await hydrated(client)
    path = after["session_path"]
    assert path != GIVEN["path"] and path.startswith(STORY["moved"]), path
    answer = await call(client, "search", {"query": STORY["query"], "detail": True})
    hit = answer["hits"][0]
    assert hit["id"] == GIVEN["sought"] and hit["path"].startswith(STORY["moved"]), hit
    return {"thoughts": len(after["thoughts"]), "path": path}


async def hydrated(client):
    """The session with all that was thought in it, word for word."""
    arguments = {"session_note_id": GIVEN["session"], "thought_scope": "all"}
    answer = await call(client, "sequentialthinking_hydrate", arguments)
    fields = {
        "number": "thoughtNumber",
        "branch": "branchId",
        "branch_from": "branchFromThought",
        "revises": "revisesThought",
        "text": "thought",
    }
    shown = [{field: thought.get(field) for field in fields} for thought in answer["thoughts"]]
    asked = [{ours: thought.get(theirs) for ours, theirs in fields.items()} for thought in STORY["thoughts"]]
    ordered = [sorted(thoughts, key=lambda thought: thought["text"]) for thoughts in (shown, asked)]
    assert ordered[0] == ordered[1], ordered
    third = next(t for t in answer["thoughts"] if t["number"] == 3 and "branch" not in t)
    assert third["superseded_by"] == 7 and not answer["nextThoughtNeeded"], answer
    return answer


async def call(client, name, arguments):
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result
    assert json.loads(result.content[0].text) == result.structured_content, result
    return result.structured_content


async def main():
    part = {"think": think, "resume": resume, "again": again}[PART]
    if "url" not in GIVEN:
        server = StdioServerParameters(**{key: GIVEN[key] for key in ("command", "args", "env", "cwd")})
        async with Client(server, mode=MODE) as client:
            return await part(client)
    headers = {"Authorization": f"Bearer {GIVEN['token']}"}
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(GIVEN["url"], http_client=http), mode=MODE) as client:
            return await part(client)


print(json.dumps(asyncio.run(main())))
