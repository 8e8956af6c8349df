#include "web/branding_page.h"

#include "core/branding.h"
#include "core/logo.h"
#include "core/portal_settings.h"
#include "http/multipart.h"
#include "http/whole_body.h"
#include "web/page_branding.h"

enum { BODY_BYTES = LOGO_MAX_BYTES + (64 << 10) };

static const char *const names[BRANDING_FIELDS] = {
	[BRANDING_NAME] = "name",        [BRANDING_SUPPORT] = "support",
	[BRANDING_TERMS] = "terms_url",  [BRANDING_LIGHT] = "accent_light",
	[BRANDING_DARK] = "accent_dark",
};

/* What came with the form. */
struct typed {
	struct str values[BRANDING_FIELDS];
	struct str logo;
	int64_t version;
	bool removes_logo;
};

/* ---- showing ---- */

static enum err fill_field(struct cx *cx, const struct settings *saved, const struct typed *typed,
			   const struct form_errors *errors, int which, struct branding_field *ret)
{
	size_t at;
	TRY(portal_settings_find(str_of(names[which]), &at));
	struct setting_facts facts = portal_settings_facts(at);
	struct str value = portal_settings_value(saved, at, cx->arena);
	*ret = (struct branding_field){
		.name = names[which],
		.label = text_get(cx->language, facts.label),
		.hint = text_get(cx->language, facts.hint),
		.error = form_errors_for(errors, names[which]),
		.value = typed ? typed->values[which] : value,
	};
	if (!str_eq(ret->value, value))
		ret->theirs =
			value.len > 0 ? value : text_get(cx->language, TEXT_ADMIN_SETTINGS_NOTHING);
	return OK;
}

static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       const struct typed *typed, const struct form_errors *errors,
		       bool is_conflict)
{
	struct branding_view view = {.errors = errors, .is_conflict = is_conflict};
	view.version = settings_live_version(cx->portal);
	const struct settings *saved = cx->portal->settings;
	for (int i = 0; i < BRANDING_FIELDS; i++)
		TRY(fill_field(cx, saved, typed, errors, i,
			       i < BRANDING_LIGHT ? &view.links[i]
						  : &view.colours[i - BRANDING_LIGHT]));
	view.logo = branding_logo_name(cx->arena, saved);
	view.logo_hint = text_get(cx->language, TEXT_SETTING_LOGO_HINT);
	view.logo_error = form_errors_for(errors, "logo");
	TRY(frame_init(cx, text_get(cx->language, TEXT_BRANDING_TITLE), PLACE_BRANDING,
		       &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_branding(&html, &view);
	return OK;
}

enum err branding_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	TRY(settings_live_refresh(cx->portal));
	return render(cx, req, res, NULL, &none, false);
}

/* ---- the form, with its picture ---- */

/* One part after the other. */
struct reading {
	struct buf part;
	struct arena *arena;
	struct typed *typed;
	struct str name;
};

static enum err begin_part(void *argument, const struct multipart_part *part)
{
	struct reading *reading = argument;
	reading->name = arena_copy(reading->arena, part->name);
	buf_release(&reading->part);
	buf_init(&reading->part, BODY_BYTES);
	return OK;
}

static enum err add_part(void *argument, struct str bytes)
{
	struct reading *reading = argument;
	buf_add(&reading->part, bytes);
	return reading->part.err;
}

static enum err end_part(void *argument)
{
	struct reading *reading = argument;
	struct typed *typed = reading->typed;
	struct str value = arena_copy(reading->arena, buf_str(&reading->part));
	for (int i = 0; i < BRANDING_FIELDS; i++)
		if (str_eq(reading->name, str_of(names[i])))
			typed->values[i] = str_trim(value);
	if (str_eq(reading->name, STR("logo")))
		typed->logo = value;
	if (str_eq(reading->name, STR("remove_logo")))
		typed->removes_logo = true;
	if (str_eq(reading->name, STR("version")) && !str_to_int(value, &typed->version))
		return ERR_INVALID;
	return reading->arena->failed ? ERR_UNAVAILABLE : OK;
}

static void release_multipart(struct multipart **multipart)
{
	multipart_free(*multipart);
}

static enum err read_form(struct cx *cx, const struct request *req, struct str body,
			  struct typed *ret)
{
	struct reading reading = {.arena = cx->arena, .typed = ret};
	const struct multipart_events events = {
		.begin = begin_part, .data = add_part, .end = end_part, .argument = &reading};
	__attribute__((cleanup(release_multipart))) struct multipart *multipart = NULL;
	buf_init(&reading.part, BODY_BYTES);
	enum err err = multipart_new(request_header(req, "Content-Type"), &events, &multipart);
	if (err == OK)
		err = multipart_take(multipart, body);
	if (err == OK)
		err = multipart_finish(multipart);
	buf_release(&reading.part);
	TRY(err);
	/* Without it the form is none of ours. */
	return ret->version >= 1 ? OK : ERR_INVALID;
}

static enum err save(struct cx *cx, const struct request *req, struct response *res,
		     const struct typed *typed)
{
	struct setting_change changes[BRANDING_FIELDS + 1];
	struct branding_change change = {.settings = changes,
					 .seen_version = typed->version,
					 .logo = typed->logo,
					 .removes_logo = typed->removes_logo};
	struct form_errors errors = {0};
	for (int i = 0; i < BRANDING_FIELDS; i++)
		changes[change.count++] =
			(struct setting_change){str_of(names[i]), typed->values[i]};
	enum err err = branding_save(cx, &change, &errors);
	bool is_conflict = err == ERR_CONFLICT;
	if (is_conflict)
		TRY(settings_live_refresh(cx->portal));
	if (is_conflict || (err == ERR_INVALID && errors.count > 0)) {
		res->status = is_conflict ? 409 : 422;
		return render(cx, req, res, typed, &errors, is_conflict);
	}
	TRY(err);
	response_redirect(res, STR("/admin/branding?done=settings-saved"));
	return OK;
}

static enum err take_form(struct cx *cx, const struct request *req, struct response *res,
			  enum err taken, struct str body)
{
	struct typed typed = {.version = 0};
	if (taken == ERR_TOO_LARGE) {
		struct form_errors errors = {0};
		form_error(cx, &errors, "logo", TEXT_BRANDING_TOO_LARGE,
			   TEXT_ARG("size", format_size(cx->arena, cx->language, LOGO_MAX_BYTES)));
		res->status = 413;
		return render(cx, req, res, NULL, &errors, false);
	}
	TRY(read_form(cx, req, body, &typed));
	return save(cx, req, res, &typed);
}

enum err branding_page_save(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	return whole_body_take(res, BODY_BYTES, take_form);
}

/* ---- what browsers fetch ---- */

enum err branding_page_file(struct cx *cx, const struct request *req, struct response *res)
{
	const struct settings *settings = cx->portal->settings;
	struct str name = req->params[0], bytes;
	if (str_eq(name, branding_theme_name(cx->arena, settings))) {
		res->content_type = STR("text/css; charset=utf-8");
		bytes = branding_theme(cx->arena, settings);
	} else if (str_eq(name, branding_logo_name(cx->arena, settings))) {
		TRY(branding_logo(cx, settings, &bytes));
		res->content_type = branding_logo_type(settings);
	} else {
		return ERR_NOT_FOUND;
	}
	response_header(res, "Content-Security-Policy", STR("default-src 'none'; sandbox"));
	res->is_cacheable = true;
	buf_add(&res->body, bytes);
	return res->body.err;
}
