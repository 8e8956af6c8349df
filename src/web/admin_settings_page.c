#include "web/admin_settings_page.h"

#include "core/settings_live.h"
#include "http/form.h"
#include "web/page_admin_settings.h"

/* form: what was typed; NULL: nothing yet, and what is saved stands there. */
static struct str typed_value(const struct form *form, size_t at)
{
	struct str value = form_value(form, portal_settings_name(at));
	if (portal_settings_facts(at).kind == SETTING_SWITCH)
		return value.len > 0 ? STR("yes") : STR("no");
	return str_trim(value);
}

/* As people read it. */
static struct str words_for(struct cx *cx, const struct setting_facts *facts, struct str value)
{
	if (facts->kind == SETTING_SWITCH)
		return text_get(cx->language, str_eq(value, STR("yes")) ? TEXT_ADMIN_SETTINGS_ON
									: TEXT_ADMIN_SETTINGS_NO);
	for (int i = 1; facts->kind == SETTING_WORD && facts->words[i] != NULL; i++)
		if (str_eq(value, str_of(facts->words[i])))
			return text_get(cx->language, facts->word_labels[i]);
	return value.len > 0 ? value : text_get(cx->language, TEXT_ADMIN_SETTINGS_NOTHING);
}

static enum err fill_choices(struct cx *cx, const struct setting_facts *facts,
			     struct setting_row *row)
{
	size_t count = 0;
	while (facts->words[count + 1] != NULL)
		count++;
	row->choices = ARENA_ARRAY(cx->arena, count, struct setting_choice);
	if (row->choices == NULL)
		return ERR_UNAVAILABLE;
	row->choice_count = count;
	for (size_t i = 0; i < count; i++)
		row->choices[i] = (struct setting_choice){
			facts->words[i + 1], text_get(cx->language, facts->word_labels[i + 1]),
			str_eq(row->value, str_of(facts->words[i + 1]))};
	return OK;
}

static enum err fill_row(struct cx *cx, const struct settings *saved, const struct form *form,
			 const struct form_errors *errors, size_t at, struct setting_row *ret)
{
	struct setting_facts facts = portal_settings_facts(at);
	struct str value = portal_settings_value(saved, at, cx->arena);
	struct setting_row row = {
		.name = portal_settings_name(at),
		.label = text_get(cx->language, facts.label),
		.hint = text_get(cx->language, facts.hint),
		.error = form_errors_for(errors, portal_settings_name(at)),
		.value = form ? typed_value(form, at) : value,
		.kind = facts.kind,
		.min = facts.min,
		.max = facts.max,
	};
	if (!str_eq(row.value, value))
		row.theirs = words_for(cx, &facts, value);
	row.is_on = str_eq(row.value, STR("yes"));
	if (facts.kind == SETTING_WORD)
		TRY(fill_choices(cx, &facts, &row));
	*ret = row;
	return OK;
}

static enum err fill_part(struct cx *cx, const struct settings *saved, const struct form *form,
			  const struct form_errors *errors, enum setting_group group,
			  struct setting_part *ret)
{
	static const enum text_id titles[SETTING_GROUPS] = {
		[SETTING_GROUP_FIXED] = TEXT_ADMIN_SETTINGS_FIXED_TITLE,
		[SETTING_GROUP_FEATURES] = TEXT_ADMIN_SETTINGS_GROUP_FEATURES,
		[SETTING_GROUP_WRITING] = TEXT_ADMIN_SETTINGS_GROUP_WRITING,
		[SETTING_GROUP_SESSIONS] = TEXT_ADMIN_SETTINGS_GROUP_SESSIONS,
		[SETTING_GROUP_PASSWORDS] = TEXT_ADMIN_SETTINGS_GROUP_PASSWORDS,
		[SETTING_GROUP_KEEPING] = TEXT_ADMIN_SETTINGS_GROUP_KEEPING,
		[SETTING_GROUP_FILES] = TEXT_ADMIN_SETTINGS_GROUP_FILES,
		[SETTING_GROUP_MAIL] = TEXT_ADMIN_SETTINGS_GROUP_MAIL,
		[SETTING_GROUP_LIMITS] = TEXT_ADMIN_SETTINGS_GROUP_LIMITS,
		[SETTING_GROUP_STAMPS] = TEXT_ADMIN_SETTINGS_GROUP_STAMPS,
	};
	struct setting_part part = {
		.title = text_get(cx->language, titles[group]),
		.rows = ARENA_ARRAY(cx->arena, portal_settings_count, struct setting_row),
	};
	if (part.rows == NULL)
		return ERR_UNAVAILABLE;
	if (group == SETTING_GROUP_FEATURES)
		part.lead = text_get(cx->language, TEXT_ADMIN_SETTINGS_GROUP_FEATURES_LEAD);
	for (size_t at = 0; at < portal_settings_count; at++)
		if (portal_settings_facts(at).group == group)
			TRY(fill_row(cx, saved, form, errors, at, &part.rows[part.count++]));
	*ret = part;
	return OK;
}

/* In words: nothing of it can be typed. */
static enum err fill_fixed(struct cx *cx, const struct settings *saved,
			   const struct form_errors *errors, struct setting_part *ret)
{
	TRY(fill_part(cx, saved, NULL, errors, SETTING_GROUP_FIXED, ret));
	for (size_t i = 0; i < ret->count; i++) {
		struct setting_row *row = &ret->rows[i];
		for (size_t c = 0; c < row->choice_count; c++)
			if (row->choices[c].is_chosen)
				row->value = row->choices[c].label;
	}
	return OK;
}

static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       const struct form *form, const struct form_errors *errors, bool is_conflict)
{
	struct admin_settings_view view = {
		.errors = errors,
		.rules = text_get(cx->language, TEXT_ADMIN_RULES),
		.branding = text_get(cx->language, TEXT_ADMIN_BRANDING),
		.is_conflict = is_conflict,
	};
	/* The version first: of a change meanwhile the next saving is told. */
	view.version = settings_live_version(cx->portal);
	const struct settings *saved = cx->portal->settings;
	for (int group = SETTING_GROUP_FEATURES; group < SETTING_GROUPS; group++)
		TRY(fill_part(cx, saved, form, errors, group, &view.parts[view.part_count++]));
	TRY(fill_fixed(cx, saved, errors, &view.fixed));
	TRY(frame_init(cx, text_get(cx->language, TEXT_ADMIN_SETTINGS_TITLE), PLACE_PORTAL_SETTINGS,
		       &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_admin_settings(&html, &view);
	return OK;
}

enum err admin_settings_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	TRY(settings_live_refresh(cx->portal));
	return render(cx, req, res, NULL, &none, false);
}

/* All that the page shows: what is the same as before is no change. */
static enum err change(struct cx *cx, const struct form *form, struct form_errors *errors)
{
	struct setting_change *changes =
		ARENA_ARRAY(cx->arena, portal_settings_count, struct setting_change);
	size_t count = 0;
	int64_t version;
	if (changes == NULL)
		return ERR_UNAVAILABLE;
	/* Without it the form is none of ours. */
	if (!str_to_int(form_value(form, "version"), &version) || version < 1)
		return ERR_INVALID;
	for (size_t at = 0; at < portal_settings_count; at++)
		if (portal_settings_facts(at).group >= SETTING_GROUP_FEATURES)
			changes[count++] = (struct setting_change){str_of(portal_settings_name(at)),
								   typed_value(form, at)};
	return settings_live_change(cx, changes, count, version, errors);
}

enum err admin_settings_page_save(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {0};
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = change(cx, &form, &errors);
	bool is_conflict = err == ERR_CONFLICT;
	if (is_conflict)
		TRY(settings_live_refresh(cx->portal));
	if (is_conflict || (err == ERR_INVALID && errors.count > 0)) {
		res->status = is_conflict ? 409 : 422;
		return render(cx, req, res, &form, &errors, is_conflict);
	}
	TRY(err);
	response_redirect(res, STR("/admin/settings?done=settings-saved"));
	return OK;
}
