#include "api/api_portal_settings.h"

#include "api/api_body.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "core/portal_settings.h"
#include "core/settings_live.h"

static struct str tag_of(struct cx *cx, int64_t version)
{
	return arena_printf(cx->arena, "\"%lld\"", (long long)version);
}

static void write_one(struct cx *cx, struct json_write *write, const struct settings *settings,
		      size_t at)
{
	const char *name = portal_settings_name(at);
	struct str value = portal_settings_value(settings, at, cx->arena);
	switch (portal_settings_facts(at).kind) {
	case SETTING_NUMBER:
	case SETTING_BYTES:
		json_write_int(write, name, portal_settings_number(settings, at));
		return;
	case SETTING_SWITCH: json_write_bool(write, name, str_eq(value, STR("yes"))); return;
	case SETTING_TEXT:
	case SETTING_WORD: json_write_text(write, name, value); return;
	}
}

static enum err answer(struct cx *cx, struct response *res)
{
	struct json_write write = {.out = &res->body};
	/* The version first: of a change meanwhile the next PUT is told. */
	struct str tag = tag_of(cx, settings_live_version(cx->portal));
	const struct settings *settings = cx->portal->settings;
	res->content_type = STR("application/json");
	response_header(res, "ETag", tag);
	json_write_object(&write, NULL);
	for (size_t at = 0; at < portal_settings_count; at++)
		write_one(cx, &write, settings, at);
	json_write_object_end(&write);
	return OK;
}

enum err api_portal_settings_get(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	TRY(settings_live_refresh(cx->portal));
	return answer(cx, res);
}

/* In the words in which core/ takes it. */
static struct str read_one(struct json_read *read, size_t at, enum presence presence)
{
	const char *name = portal_settings_name(at);
	struct setting_facts facts = portal_settings_facts(at);
	switch (facts.kind) {
	case SETTING_NUMBER:
	case SETTING_BYTES:
		return arena_printf(read->cx->arena, "%lld",
				    (long long)json_read_int(read, name, facts.min, presence));
	case SETTING_SWITCH: return json_read_bool(read, name, presence) ? STR("yes") : STR("no");
	case SETTING_TEXT:
	case SETTING_WORD: return json_read_text(read, name, presence);
	}
	return STR_NONE;
}

/* What is fixed may be sent back as it is. */
static bool is_fixed_as_it_is(struct cx *cx, size_t at, struct str value)
{
	return portal_settings_is_fixed(at) &&
	       str_eq(value, portal_settings_value(cx->portal->settings, at, cx->arena));
}

static enum err read_changes(struct json_read *read, struct setting_change *changes,
			     size_t *ret_count)
{
	size_t count = 0;
	for (size_t at = 0; at < portal_settings_count; at++) {
		bool is_given = json_read_has(read, portal_settings_name(at));
		struct str value = read_one(read, at, is_given ? REQUIRED : OPTIONAL);
		if (is_given && !is_fixed_as_it_is(read->cx, at, value))
			changes[count++] =
				(struct setting_change){str_of(portal_settings_name(at)), value};
	}
	*ret_count = count;
	return json_read_end(read);
}

/* ERR_CONFLICT: the tag is of other values. */
static enum err read_tag(struct cx *cx, const struct request *req, int64_t *ret_version)
{
	struct str tag = str_trim(request_header(req, "If-Match"));
	*ret_version = 0;
	if (tag.len == 0 || str_eq(tag, STR("*")))
		return OK;
	*ret_version = settings_live_version(cx->portal);
	return str_eq(tag, tag_of(cx, *ret_version)) ? OK : ERR_CONFLICT;
}

static enum err put(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct setting_change *changes =
		ARENA_ARRAY(cx->arena, portal_settings_count, struct setting_change);
	size_t count;
	int64_t version;
	if (changes == NULL)
		return ERR_UNAVAILABLE;
	TRY(settings_live_refresh(cx->portal));
	enum err err = read_changes(read, changes, &count);
	if (err == OK)
		err = read_tag(cx, req, &version);
	if (err == OK)
		err = settings_live_change(cx, changes, count, version, read->errors);
	if (err == ERR_INVALID && read->errors->count > 0) {
		problem_answer(cx, res, PROBLEM_MISTAKES, read->errors);
		return OK;
	}
	if (err == ERR_CONFLICT) {
		problem_answer(cx, res, PROBLEM_CHANGED, NULL);
		return OK;
	}
	TRY(err);
	return answer(cx, res);
}

enum err api_portal_settings_put(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, put);
}
