"""A typical version of the replaced service: FastAPI on uvicorn with uvloop and httptools, asyncpg, and a fixed-window
limiter in Redis. Request ids, security headers, CORS, log lines and key cache are the same. They are in one plain ASGI
middleware, because Starlette's BaseHTTPMiddleware is slow. It has no metrics, which is an advantage."""

import hashlib
import hmac
import json
import logging
import os
import re
import sys
import time
import uuid
from datetime import datetime
from typing import Optional

import asyncpg
import redis.asyncio
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, Field

REDIS_URL = os.environ.get("TBG_REDIS_URL")
DATABASE_URL = os.environ.get("TBG_DATABASE_URL")
SECRET = os.environ.get("TBG_SECRET_KEY", "").encode()
ACCEPTED = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")
LIMIT, WINDOW_MS, CACHE_SECONDS = 1_000_000, 1000, 5
STARTED = time.monotonic()
FIXED = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
]
COLUMNS = """id, author_name, content, tags, to_char(created_at AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS timestamp, parent_post_id"""

log = logging.getLogger("access")
log.setLevel(logging.INFO)
log.addHandler(logging.StreamHandler(sys.stdout))


class Edge:
    """Request id, headers and log line."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = time.perf_counter()
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if ACCEPTED.match(given) else str(uuid.uuid4())
        status = 0

        async def answer(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] += [*FIXED, (b"x-request-id", request_id.encode())]
            await send(message)

        await self.app(scope, receive, answer)
        if scope["path"] != "/health":
            took = round((time.perf_counter() - begun) * 1000, 3)
            line = {"request_id": request_id, "method": scope["method"], "path": scope["path"], "status": status}
            log.info(json.dumps({**line, "duration_ms": took, "client_address": scope["client"][0]}))


app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"], allow_credentials=True)
app.add_middleware(Edge)


@app.on_event("startup")
async def start():
    app.state.redis = redis.asyncio.from_url(REDIS_URL) if REDIS_URL else None
    if DATABASE_URL:
        settings = {"timezone": "UTC"}
        app.state.pool = await asyncpg.create_pool(DATABASE_URL, min_size=1, max_size=20, server_settings=settings)


async def limited(request: Request, response: Response):
    if app.state.redis is None:
        return
    key = request.headers.get("authorization") or request.client.host
    async with app.state.redis.pipeline(transaction=False) as pipe:
        count, _ = await pipe.incr(f"fastapi:{key}").pexpire(f"fastapi:{key}", WINDOW_MS, nx=True).execute()
    if count > LIMIT:
        raise HTTPException(429, "Rate limit exceeded", {"retry-after": "1"})
    response.headers["x-ratelimit-limit"] = str(LIMIT)
    response.headers["x-ratelimit-remaining"] = str(LIMIT - count)


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.get("/version", dependencies=[Depends(limited)])
async def version():
    uptime = round(time.monotonic() - STARTED, 3)
    about = {"version": "0.1.0", "environment": "production", "build_sha": "dev"}
    return {**about, "uptime_seconds": uptime, "schema": "0001_baseline"}


known = {}


async def caller(team: str, authorization: str = Header(""), _=Depends(limited)):
    token = authorization[len("Bearer ") :]
    cached = known.get(token)
    if cached is None or cached[1] < time.monotonic():
        row = await app.state.pool.fetchrow(
            "SELECT k.hash, t.id, t.name FROM tbg_api.api_keys k JOIN tbg_api.teams t ON t.id = k.team_id "
            "WHERE k.id = $1 AND k.deleted_at IS NULL AND t.deleted_at IS NULL",
            token[4:36],
        )
        code = hmac.new(SECRET, f"tbg api-key\n{token}".encode(), hashlib.sha256).digest()
        if row is None or not hmac.compare_digest(code, row["hash"]):
            raise HTTPException(401, "Not authenticated")
        cached = known[token] = (row, time.monotonic() + CACHE_SECONDS)
    if cached[0]["name"] != team:
        raise HTTPException(403, "Forbidden")
    return cached[0]


class NewPost(BaseModel):
    author_name: str = Field(min_length=1, max_length=100)
    content: str = Field(min_length=1, max_length=10_000)
    tags: Optional[list[str]] = Field(default=None, max_items=20)
    parent_post_id: Optional[uuid.UUID] = None


class Post(NewPost):
    id: uuid.UUID
    team: str
    timestamp: str


class Page(BaseModel):
    posts: list[Post]
    total: int
    has_more: bool


class Created(BaseModel):
    post: Post


@app.get("/v1/teams/{team}/posts", response_model=Page)
async def posts(limit: int = Query(10, ge=1, le=100), offset: int = 0, team=Depends(caller)):
    async with app.state.pool.acquire() as session:
        rows = await session.fetch(
            f"SELECT {COLUMNS} FROM tbg_api.posts WHERE team_id = $1 AND deleted_at IS NULL "
            "ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3",
            team["id"], limit + 1, offset,
        )
        total = await session.fetchval(
            "SELECT count(*)::int FROM tbg_api.posts WHERE team_id = $1 AND deleted_at IS NULL", team["id"]
        )
    page = [{**row, "team": team["name"]} for row in rows[:limit]]
    return {"posts": page, "total": total, "has_more": len(rows) > limit}


@app.post("/v1/teams/{team}/posts", status_code=201, response_model=Created)
async def create(new: NewPost, team=Depends(caller)):
    # UUIDv7 (milliseconds, then random bits), which Python's standard library does not provide.
    ms = int(datetime.now().timestamp() * 1000)
    id = uuid.UUID(int=(ms << 80 | uuid.uuid4().int & (1 << 80) - 1) & ~(0xF << 76) | 7 << 76)
    row = await app.state.pool.fetchrow(
        "INSERT INTO tbg_api.posts (id, team_id, author_name, content, tags, parent_post_id, created_at, updated_at) "
        f"VALUES ($1, $2, $3, $4, $5, $6, now(), now()) RETURNING {COLUMNS}",
        id, team["id"], new.author_name, new.content, new.tags, new.parent_post_id,
    )
    return {"post": {**row, "team": team["name"]}}


if __name__ == "__main__":
    port = int(os.environ["TBG_PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
