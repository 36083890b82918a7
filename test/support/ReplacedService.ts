import { runAll } from "./Catalog.ts"

const id = "id BIGSERIAL PRIMARY KEY"
const user = "user_id BIGINT NOT NULL REFERENCES users (id)"
const created = "created_at TIMESTAMPTZ NOT NULL DEFAULT now()"

/** Tables that later migrations of the replaced service add to the baseline, in order. */
const tables: Readonly<Record<string, ReadonlyArray<string>>> = {
  refresh_tokens: [id, user, "token_hash VARCHAR(64) NOT NULL UNIQUE", "expires_at TIMESTAMPTZ NOT NULL", created],
  api_keys: [id, user, "name VARCHAR(64) NOT NULL", "key_hash VARCHAR(128) NOT NULL UNIQUE", created],
  user_settings: [id, user, "preferences JSONB NOT NULL DEFAULT '{}'"],
  email_verification_tokens: [id, user, "token_hash VARCHAR(64) NOT NULL", created],
  password_reset_tokens: [id, user, "token_hash VARCHAR(64) NOT NULL", created],
  personal_bests: [id, user, "difficulty DOUBLE PRECISION NOT NULL", created],
  user_daily_stats: [id, user, "day DATE NOT NULL", "shares BIGINT DEFAULT 0", "UNIQUE (user_id, day)"],
  hashrate_snapshots: [id, user, "hashrate DOUBLE PRECISION", created],
  network_difficulty: [id, "height INTEGER NOT NULL UNIQUE", "difficulty DOUBLE PRECISION NOT NULL"],
  activity_feed: [id, user, "kind VARCHAR(32) NOT NULL", "payload JSONB", created],
  upcoming_events: [id, "title TEXT NOT NULL", "starts_at TIMESTAMPTZ NOT NULL"],
  badge_definitions: [id, "slug VARCHAR(64) NOT NULL UNIQUE", "title TEXT NOT NULL"],
  user_badges: [id, user, "badge_id BIGINT NOT NULL REFERENCES badge_definitions (id)", created],
  xp_ledger: [id, user, "amount INTEGER NOT NULL", "reason TEXT", created],
  user_gamification: [user, "xp BIGINT DEFAULT 0", "level INTEGER DEFAULT 1", "PRIMARY KEY (user_id)"],
  streak_calendar: [id, user, "day DATE NOT NULL"],
  badge_stats: ["badge_id BIGINT PRIMARY KEY REFERENCES badge_definitions (id)", "awarded BIGINT DEFAULT 0"],
  notifications: [id, user, "body TEXT NOT NULL", "read_at TIMESTAMPTZ", created],
  lottery_draws: [id, "block_height INTEGER NOT NULL", "drawn_at TIMESTAMPTZ"],
  lottery_results: [id, user, "draw_id BIGINT NOT NULL REFERENCES lottery_draws (id)", "rank INTEGER"],
  game_sessions: [id, user, "score BIGINT", created],
  leaderboard_snapshots: [id, "board VARCHAR(32) NOT NULL", "ranks JSONB NOT NULL", created],
  country_rankings: [id, "country_code CHAR(2) NOT NULL", "rank INTEGER NOT NULL"],
  competitions: [id, "name TEXT NOT NULL", "starts_at TIMESTAMPTZ"],
  competition_teams: [id, "competition_id BIGINT NOT NULL REFERENCES competitions (id)", "name TEXT NOT NULL"],
  competition_registrations: [id, user, "team_id BIGINT NOT NULL REFERENCES competition_teams (id)", created],
  matches: [id, "home_team BIGINT REFERENCES competition_teams (id)", "played_at TIMESTAMPTZ"],
  leagues: [id, "name TEXT NOT NULL"],
  league_clubs: [id, "league_id BIGINT NOT NULL REFERENCES leagues (id)", "name TEXT NOT NULL"],
  cooperatives: [id, "name TEXT NOT NULL UNIQUE", created],
  cooperative_members: [id, user, "cooperative_id BIGINT NOT NULL REFERENCES cooperatives (id)"],
  user_activity: [id, user, "seen_at TIMESTAMPTZ NOT NULL"],
  education_tracks: [id, "slug VARCHAR(64) NOT NULL UNIQUE"],
  education_lessons: [id, "track_id BIGINT NOT NULL REFERENCES education_tracks (id)", "title TEXT NOT NULL"],
  user_lesson_completions: [id, user, "lesson_id BIGINT NOT NULL REFERENCES education_lessons (id)", created],
  user_track_completions: [id, user, "track_id BIGINT NOT NULL REFERENCES education_tracks (id)", created],
  block_celebrations: [id, "block_id BIGINT NOT NULL REFERENCES blocks (id)", created],
  level_celebrations: [id, user, "level INTEGER NOT NULL", created],
  streak_celebrations: [id, user, "days INTEGER NOT NULL", created]
}

const userColumns = `email VARCHAR(255) UNIQUE, email_verified BOOLEAN DEFAULT false, password_hash VARCHAR(255),
  auth_method VARCHAR(32) DEFAULT 'wallet', display_name_normalized VARCHAR(64), avatar_url TEXT, bio TEXT,
  is_banned BOOLEAN NOT NULL DEFAULT false, last_login TIMESTAMPTZ, login_count INTEGER DEFAULT 0,
  failed_login_attempts INTEGER DEFAULT 0, locked_until TIMESTAMPTZ`.split(",")

/** Statements that turn the init script's database into that of the replaced service. */
export const replacedService = runAll([
  ...userColumns.map((column) => `ALTER TABLE users ADD COLUMN ${column}`),
  ...Object.entries(tables).map(([name, columns]) => `CREATE TABLE ${name} (${columns.join(", ")})`),
  "CREATE INDEX api_keys_team_idx ON api_keys (user_id)",
  "INSERT INTO api_keys (user_id, name, key_hash) SELECT id, 'theirs', md5(id::text) FROM users",
  "INSERT INTO user_settings (user_id) SELECT id FROM users",
  "INSERT INTO notifications (user_id, body) SELECT id, 'Welcome' FROM users"
])

/** Tables of others with every name of ours, but other columns. */
export const namesakes = runAll([
  ...["teams", "posts", "post_counts", "idempotency_keys", "migrations"].map(
    (name) => `CREATE TABLE ${name} (theirs INTEGER PRIMARY KEY)`
  ),
  "INSERT INTO teams VALUES (1)",
  "INSERT INTO migrations VALUES (99)",
  "CREATE FUNCTION tbg_api_are_tags(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
])
