#include "web/learn_page.h"

#include "base/limits.h"
#include "core/policy.h"
#include "http/form.h"
#include "web/learn_fill.h"
#include "web/page_learn.h"
#include "web/when.h"

/* What each act is called in the table; 0 for what goes without saying. */
static const enum text_id act_words[ACT_COUNT] = {
	[ACT_READ] = TEXT_LEARN_ACT_READ,
	[ACT_REPLY] = TEXT_LEARN_ACT_REPLY,
	[ACT_FORWARD] = TEXT_LEARN_ACT_FORWARD,
	[ACT_KEEP_PEOPLE_IN_REPLY] = TEXT_LEARN_ACT_KEEP_PEOPLE,
	[ACT_WRITE_TO_PROFESSIONAL] = TEXT_LEARN_ACT_WRITE_TO_PROFESSIONAL,
	[ACT_WRITE_TO_GUEST] = TEXT_LEARN_ACT_WRITE_TO_GUEST,
	[ACT_INVITE_GUEST] = TEXT_LEARN_ACT_INVITE_GUEST,
	[ACT_INVITE_PROFESSIONAL] = TEXT_LEARN_ACT_INVITE_PROFESSIONAL,
	[ACT_RESEND_INVITATION] = TEXT_LEARN_ACT_RESEND_INVITATION,
	[ACT_RECALL] = TEXT_LEARN_ACT_RECALL,
	[ACT_BLOCK_GUEST] = TEXT_LEARN_ACT_BLOCK_GUEST,
	[ACT_REQUEST_SIGNATURES] = TEXT_LEARN_ACT_REQUEST_SIGNATURES,
	[ACT_SIGN] = TEXT_LEARN_ACT_SIGN,
	[ACT_SEND_FILES] = TEXT_LEARN_ACT_SEND_FILES,
	[ACT_MARK_CONFIDENTIAL] = TEXT_LEARN_ACT_MARK_CONFIDENTIAL,
	[ACT_SET_EXPIRY] = TEXT_LEARN_ACT_SET_EXPIRY,
};

static struct str words_of(struct cx *cx, enum act act)
{
	bool is_narrow = act == ACT_WRITE_TO_PROFESSIONAL &&
			 cx->portal->settings->guest_compose == GUEST_COMPOSE_KNOWN;
	return text_get(cx->language, is_narrow ? TEXT_LEARN_ACT_WRITE_TO_KNOWN : act_words[act]);
}

/* Requests to sign from before they were switched off can be signed; nobody new needs to know. */
static bool is_told(const struct settings *settings, enum act act)
{
	return act != ACT_SIGN || settings_have(settings, FEATURE_SIGNATURES);
}

/* What nobody may, being switched off, is left out; so is what only administrators do: the page
 * says that in words. */
static enum err fill_acts(struct cx *cx, struct learn_page_view *view)
{
	const struct settings *settings = cx->portal->settings;
	view->acts = ARENA_ARRAY(cx->arena, ACT_COUNT, struct learn_act);
	if (view->acts == NULL)
		return ERR_UNAVAILABLE;
	for (enum act act = 0; act < ACT_COUNT; act++) {
		struct learn_act row = {
			.is_for_guests =
				policy_grade_allows(settings, GRADE_GUEST, ROLE_MEMBER, act),
			.is_for_professionals =
				policy_grade_allows(settings, GRADE_PROFESSIONAL, ROLE_MEMBER, act),
		};
		if ((!row.is_for_guests && !row.is_for_professionals) || !is_told(settings, act))
			continue;
		row.words = words_of(cx, act);
		view->acts[view->act_count++] = row;
	}
	return OK;
}

static enum err render(struct cx *cx, struct str text, struct safe_html *ret)
{
	return markdown_render_help(cx->arena, text, learn_pictures, LIMIT_RESPONSE_BYTES, ret);
}

static enum err fill_text(struct cx *cx, struct learn_page_view *view)
{
	static const struct str table = STR("\n{{ policy }}\n");
	struct str text;
	TRY(learn_fill(cx, view->page->text, &text));
	TRY(markdown_sections(cx->arena, text, &view->sections, &view->section_count));
	/* The first stands before all headings. */
	view->sections++;
	view->section_count--;
	ptrdiff_t at = str_find(text, table);
	if (at < 0)
		return render(cx, text, &view->before);
	TRY(render(cx, str_slice(text, 0, (size_t)at), &view->before));
	TRY(render(cx, str_slice(text, (size_t)at + table.len, text.len), &view->after));
	return fill_acts(cx, view);
}

enum err learn_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct settings *settings = cx->portal->settings;
	const struct learn_page *page = learn_find(settings, req->params[0]);
	if (page == NULL)
		return ERR_NOT_FOUND;
	struct learn_page_view view = {
		.page = page,
		.updated = format_date(cx->arena, cx->language, STR_NONE, page->updated_ms),
		.updated_iso = when_iso(cx, page->updated_ms),
		.previous = learn_beside(settings, page, -1),
		.next = learn_beside(settings, page, 1),
	};
	TRY(fill_text(cx, &view));
	TRY(frame_init(cx, str_of(page->title), PLACE_LEARN, &view.frame));
	struct html html = frame_html(cx, res);
	page_learn(&html, &view);
	return OK;
}

static enum err list(struct cx *cx, enum learn_audience audience, struct learn_list *ret)
{
	const struct settings *settings = cx->portal->settings;
	ret->pages = ARENA_ARRAY(cx->arena, learn_page_count, struct learn_page);
	if (ret->pages == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < learn_page_count; i++) {
		const struct learn_page *page = &learn_pages[i];
		if (page->audience == audience && learn_find(settings, str_of(page->name)))
			ret->pages[ret->count++] = *page;
	}
	return OK;
}

static enum err search(struct cx *cx, struct learn_index_view *view, int *status)
{
	bool is_empty = true;
	if (view->query.len > LIMIT_SEARCH_BYTES) {
		*status = 422;
		view->mistake = TEXT_FILL(cx->arena, cx->language, TEXT_SEARCH_TOO_LONG,
					  TEXT_NUMBER("count", LIMIT_SEARCH_BYTES));
		return OK;
	}
	TRY(learn_search(cx, view->query, &view->hits, &view->hit_count, &is_empty));
	view->was_searched = !is_empty;
	return OK;
}

enum err learn_page_index(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct learn_index_view view = {.hit_count = 0};
	int status = 200;
	TRY(form_parse(req->arena, req->query, &query));
	view.query = form_value(&query, "q");
	TRY(search(cx, &view, &status));
	TRY(list(cx, LEARN_PEOPLE, &view.people));
	TRY(list(cx, LEARN_ADMINISTRATORS, &view.administrators));
	TRY(frame_init(cx, text_get(cx->language, TEXT_LEARN_TITLE), PLACE_LEARN, &view.frame));
	res->status = status;
	struct html html = frame_html(cx, res);
	page_learn_index(&html, &view);
	return OK;
}
