#include "api/api_logo.h"

#include "api/problem.h"
#include "core/branding.h"
#include "core/logo.h"
#include "http/whole_body.h"

/* Of the picture itself: what it is called is a digest of it. */
static struct str tag_of(struct cx *cx, const struct settings *settings)
{
	return arena_printf(cx->arena, "\"%.*s\"", STR_ARGS(settings->logo));
}

/* ERR_CONFLICT: there is another one, or none. *ret_version: of the settings, for saving. */
static enum err read_tag(struct cx *cx, const struct request *req, int64_t *ret_version)
{
	struct str asked = str_trim(request_header(req, "If-Match"));
	TRY(settings_live_refresh(cx->portal));
	*ret_version = 0;
	if (asked.len == 0)
		return OK;
	/* The version first: of a change meanwhile the saving is told. */
	*ret_version = settings_live_version(cx->portal);
	const struct settings *settings = cx->portal->settings;
	bool is_it = str_eq(asked, STR("*")) || str_eq(asked, tag_of(cx, settings));
	return settings->logo.len > 0 && is_it ? OK : ERR_CONFLICT;
}

static enum err save(struct cx *cx, const struct request *req, struct response *res,
		     struct str logo)
{
	struct setting_change room;
	struct branding_change change = {
		.settings = &room, .logo = logo, .removes_logo = logo.len == 0};
	struct form_errors errors = {0};
	enum err err = read_tag(cx, req, &change.seen_version);
	if (err == OK)
		err = branding_save(cx, &change, &errors);
	if (err == ERR_CONFLICT || (err == ERR_INVALID && errors.count > 0)) {
		problem_answer(cx, res, err == ERR_CONFLICT ? PROBLEM_CHANGED : PROBLEM_MISTAKES,
			       &errors);
		return OK;
	}
	TRY(err);
	res->status = 204;
	const struct settings *settings = cx->portal->settings;
	if (settings->logo.len > 0)
		response_header(res, "ETag", tag_of(cx, settings));
	return OK;
}

enum err api_logo_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct str logo;
	(void)req;
	TRY(settings_live_refresh(cx->portal));
	const struct settings *settings = cx->portal->settings;
	TRY(branding_logo(cx, settings, &logo));
	res->content_type = branding_logo_type(settings);
	response_header(res, "ETag", tag_of(cx, settings));
	buf_add(&res->body, logo);
	return res->body.err;
}

static enum err take_picture(struct cx *cx, const struct request *req, struct response *res,
			     enum err taken, struct str picture)
{
	struct form_errors errors = {0};
	if (taken == ERR_TOO_LARGE) {
		struct str size = format_size(cx->arena, cx->language, LOGO_MAX_BYTES);
		problem_answer_sentence(cx, res, PROBLEM_TOO_LARGE,
					TEXT_FILL(cx->arena, cx->language,
						  TEXT_BRANDING_LOGO_TOO_LARGE,
						  TEXT_ARG("size", size)));
		return OK;
	}
	if (picture.len > 0)
		return save(cx, req, res, picture);
	form_error(cx, &errors, "logo", TEXT_BRANDING_LOGO_NO_PICTURE);
	problem_answer(cx, res, PROBLEM_MISTAKES, &errors);
	return OK;
}

enum err api_logo_put(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	return whole_body_take(res, LOGO_MAX_BYTES, take_picture);
}

enum err api_logo_delete(struct cx *cx, const struct request *req, struct response *res)
{
	TRY(settings_live_refresh(cx->portal));
	if (cx->portal->settings->logo.len == 0 && request_header(req, "If-Match").len == 0)
		return ERR_NOT_FOUND;
	return save(cx, req, res, STR_NONE);
}
