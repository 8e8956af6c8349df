#include "core/settings_live.h"

#include "base/log.h"
#include "core/audit_log.h"
#include "core/people_guard.h"
#include "core/policy.h"
#include "core/portal_settings.h"
#include "store/settings.h"

#include <stdlib.h>

enum { SNAPSHOT_ARENA_BYTES = 64 << 10 };
static const char version_name[] = "version";

struct settings_snapshot {
	struct settings values;
	int64_t version;
	struct arena arena; /* of the strings */
	struct settings_snapshot *previous;
};

static enum err new_snapshot(struct settings_snapshot **ret)
{
	struct settings_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	if (snapshot == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&snapshot->arena, SNAPSHOT_ARENA_BYTES);
	*ret = snapshot;
	return OK;
}

static void free_snapshot(struct settings_snapshot *snapshot)
{
	arena_release(&snapshot->arena);
	free(snapshot);
}

static enum err read_version(struct db *db, struct arena *arena, int64_t *ret)
{
	struct str text;
	*ret = 1;
	enum err err = settings_get(db, arena, version_name, &text);
	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	return str_to_int(text, ret) ? OK : ERR_CORRUPT;
}

static enum err load(struct portal *portal, struct settings_snapshot *snapshot)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(portal->store, &db));
	/* First the version: a change meanwhile is read again the next time. */
	TRY(read_version(db, &snapshot->arena, &snapshot->version));
	return portal_settings_load(db, &snapshot->arena, &snapshot->values);
}

/* Two who have read at the same time: the newer one stays. */
static void use(struct portal *portal, struct settings_snapshot *snapshot)
{
	pthread_mutex_lock(&portal->settings_lock);
	struct settings_snapshot *newest = portal->settings_newest;
	bool is_newer = newest == NULL || snapshot->version >= newest->version;
	if (is_newer) {
		snapshot->previous = newest;
		portal->settings_newest = snapshot;
		portal->settings = &snapshot->values;
	}
	pthread_mutex_unlock(&portal->settings_lock);
	if (!is_newer)
		free_snapshot(snapshot);
}

static enum err reload(struct portal *portal)
{
	struct settings_snapshot *snapshot;
	TRY(new_snapshot(&snapshot));
	enum err err = load(portal, snapshot);
	if (err != OK)
		free_snapshot(snapshot);
	else
		use(portal, snapshot);
	return err;
}

enum err settings_live_begin(struct portal *portal)
{
	return reload(portal);
}

enum err settings_live_set(struct portal *portal, const struct settings *settings)
{
	struct settings_snapshot *snapshot;
	TRY(new_snapshot(&snapshot));
	snapshot->values = *settings;
	if (portal->settings_newest != NULL)
		snapshot->version = portal->settings_newest->version;
	use(portal, snapshot);
	return OK;
}

void settings_live_end(struct portal *portal)
{
	struct settings_snapshot *snapshot = portal->settings_newest;
	while (snapshot != NULL) {
		struct settings_snapshot *previous = snapshot->previous;
		free_snapshot(snapshot);
		snapshot = previous;
	}
	portal->settings_newest = NULL;
	portal->settings = NULL;
}

int64_t settings_live_version(const struct portal *portal)
{
	struct portal *locked = (struct portal *)portal;
	pthread_mutex_lock(&locked->settings_lock);
	int64_t version = portal->settings_newest->version;
	pthread_mutex_unlock(&locked->settings_lock);
	return version;
}

enum err settings_live_refresh(struct portal *portal)
{
	struct arena arena CLEANUP_ARENA;
	int64_t version;
	arena_init(&arena, SNAPSHOT_ARENA_BYTES);
	{
		struct db *db CLEANUP_READ = NULL;
		TRY(store_read_begin(portal->store, &db));
		TRY(read_version(db, &arena, &version));
	}
	return version == settings_live_version(portal) ? OK : reload(portal);
}

/* ---- changing ---- */

struct changing {
	struct cx *cx;
	const struct setting_change *changes;
	size_t count;
	int64_t seen_version;
	struct form_errors *errors;
	bool has_changed;
};

/* What it names must be there (core/branding.h). */
static enum err check_logo(struct db *db, struct arena *arena, size_t at, struct str value)
{
	bool is_there = true;
	if (str_eq(str_of(portal_settings_name(at)), STR("logo")) && value.len > 0)
		TRY(settings_has(
			db, arena_cstr(arena, arena_printf(arena, "logo:%.*s", STR_ARGS(value))),
			&is_there));
	return is_there ? OK : ERR_INVALID;
}

static enum err write_one(struct changing *job, struct db *db, const struct settings *before,
			  const struct setting_change *change)
{
	size_t at;
	struct settings after = *before;
	TRY(portal_settings_find(change->name, &at));
	struct str was = portal_settings_value(before, at, job->cx->arena);
	TRY(portal_settings_parse(at, change->value, &after));
	struct str is = portal_settings_value(&after, at, job->cx->arena);
	if (str_eq(was, is))
		return OK;
	TRY(check_logo(db, job->cx->arena, at, is));
	job->has_changed = true;
	bool is_branding = portal_settings_facts(at).group == SETTING_GROUP_BRANDING;
	enum audit_kind kind = is_branding ? AUDIT_BRANDING : AUDIT_SETTING;
	TRY(portal_settings_put(db, portal_settings_name(at), change->value));
	return audit_log(job->cx, db,
			 &(struct audit_act){.kind = kind,
					     .subject = str_of(portal_settings_name(at)),
					     .before = was,
					     .after = is});
}

static enum err write_changes(struct db *db, void *argument)
{
	struct changing *job = argument;
	struct settings before;
	int64_t version;
	job->has_changed = false;
	TRY(people_check_actor(job->cx, db));
	TRY(read_version(db, job->cx->arena, &version));
	if (job->seen_version > 0 && version != job->seen_version)
		return ERR_CONFLICT;
	TRY(portal_settings_load(db, job->cx->arena, &before));
	for (size_t i = 0; i < job->count; i++)
		TRY(write_one(job, db, &before, &job->changes[i]));
	if (!job->has_changed)
		return OK;
	struct str next = arena_printf(job->cx->arena, "%lld", (long long)version + 1);
	return settings_put(db, version_name, next);
}

/* What is typed is judged before anything is written. */
static enum err check(struct changing *job)
{
	struct settings ignored = {0};
	for (size_t i = 0; i < job->count; i++) {
		const struct setting_change *change = &job->changes[i];
		size_t at;
		if (portal_settings_find(change->name, &at) != OK) {
			form_error(job->cx, job->errors, "name", TEXT_ERROR_SETTING_UNKNOWN,
				   TEXT_ARG("name", form_error_quote(job->cx, change->name)));
			continue;
		}
		if (portal_settings_is_fixed(at) && job->cx->session != NULL)
			form_error(job->cx, job->errors, portal_settings_name(at),
				   TEXT_ERROR_SETTING_FIXED);
		else if (portal_settings_parse(at, change->value, &ignored) != OK)
			portal_settings_complain(job->cx, at, change->value, job->errors);
	}
	return job->errors->count == 0 ? OK : ERR_INVALID;
}

enum err settings_live_check(struct cx *cx, const struct setting_change *changes, size_t count,
			     struct form_errors *errors)
{
	struct changing job = {.cx = cx, .changes = changes, .count = count, .errors = errors};
	return check(&job);
}

enum err settings_live_change(struct cx *cx, const struct setting_change *changes, size_t count,
			      int64_t seen_version, struct form_errors *errors)
{
	struct changing job = {cx, changes, count, seen_version, errors, false};
	if (cx->session != NULL && !policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	TRY(check(&job));
	TRY(store_transact(cx->portal->store, write_changes, &job, cx->arena));
	if (!job.has_changed)
		return OK;
	log_event(LOG_INFO, "settings.changed");
	return settings_live_refresh(cx->portal);
}
