#include "web/text_page.h"

#include "base/limits.h"
#include "http/form.h"
#include "web/page_texts.h"
#include "web/when.h"

/* ---- all of them ---- */

static struct str when_sent(struct cx *cx, enum texts_name name)
{
	static const enum text_id ids[TEXTS_COUNT] = {
		[TEXTS_INVITATION] = TEXT_TEXTS_INVITATION_WHEN,
		[TEXTS_NOTIFICATION] = TEXT_TEXTS_NOTIFICATION_WHEN,
		[TEXTS_WELCOME] = TEXT_TEXTS_WELCOME_WHEN,
		[TEXTS_REMINDER] = TEXT_TEXTS_REMINDER_WHEN,
		[TEXTS_RESET] = TEXT_TEXTS_RESET_WHEN,
		[TEXTS_PASSWORD_CHANGED] = TEXT_TEXTS_PASSWORD_CHANGED_WHEN,
	};
	return text_get(cx->language, ids[name]);
}

static struct str state_of(struct cx *cx, const struct texts_text *text)
{
	if (text->is_standard)
		return text_get(cx->language, text->name == TEXTS_WELCOME
						      ? TEXT_TEXTS_STATE_UNSENT
						      : TEXT_TEXTS_STATE_STANDARD);
	return TEXT_FILL(
		cx->arena, cx->language,
		text->author.len > 0 ? TEXT_TEXTS_STATE_CHANGED : TEXT_TEXTS_STATE_CHANGED_NOBODY,
		TEXT_ARG("name", text->author), TEXT_ARG("date", when_short(cx, text->at_ms)));
}

enum err text_page_list(struct cx *cx, const struct request *req, struct response *res)
{
	enum { ROWS = TEXTS_COUNT * LANGUAGE_COUNT };
	struct texts_view view = {.count = ROWS};
	view.rows = ARENA_ARRAY(cx->arena, ROWS, struct text_row);
	if (view.rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < ROWS; i++) {
		enum texts_name name = (enum texts_name)(i / LANGUAGE_COUNT);
		struct texts_text text;
		TRY(texts_read(cx, name, language_at(i % LANGUAGE_COUNT), 0, &text));
		view.rows[i] = (struct text_row){
			.word = texts_word(name),
			.language = language_tag(text.language),
			.title = texts_title(cx->language, name),
			.when_sent = when_sent(cx, name),
			.state = state_of(cx, &text),
			.is_standard = text.is_standard,
		};
	}
	TRY(texts_unchanged(cx, &view.unchanged));
	TRY(frame_init(cx, text_get(cx->language, TEXT_TEXTS_TITLE), PLACE_TEXTS, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_texts(&html, &view);
	return OK;
}

/* ---- one ---- */

struct editing {
	struct cx *cx;
	const struct request *req;
	struct response *res;
	enum texts_name name;
	const struct language *language;
	struct texts_text newest;
	struct texts_words typed;
	int64_t seen_version;
	int64_t restored;
	struct form_errors errors;
	bool is_conflict;
	struct str notice;
};

static void fill_placeholders(struct editing *editing, struct text_view *view)
{
	struct cx *cx = editing->cx;
	for (int fill = 0; fill < FILL_COUNT; fill++) {
		if (!texts_allows(editing->name, (enum texts_fill)fill))
			continue;
		struct str word = texts_fill_word((enum texts_fill)fill);
		view->fills[view->fill_count++] = (struct text_fill){
			.mark = arena_printf(cx->arena, "{%.*s}", STR_ARGS(word)),
			.means = texts_fill_means(cx->language, (enum texts_fill)fill),
		};
	}
}

static enum err fill_samples(struct editing *editing, struct text_view *view)
{
	static const enum text_id titles[TEXT_SAMPLES] = {
		[READER_GUEST] = TEXT_TEXTS_PREVIEW_GUEST,
		[READER_PROFESSIONAL] = TEXT_TEXTS_PREVIEW_PROFESSIONAL,
	};
	struct cx *cx = editing->cx;
	for (int i = 0; i < TEXT_SAMPLES; i++) {
		struct text_sample *sample = &view->samples[i];
		sample->title = text_get(cx->language, titles[i]);
		TRY(text_check_sample(cx, editing->name, editing->language, &editing->typed,
				      (enum text_reader)i, &sample->mail));
	}
	view->sample_count = TEXT_SAMPLES;
	return OK;
}

static struct str score_sentence(struct cx *cx, const struct text_check *check)
{
	if (!check->has_filter)
		return STR_NONE;
	if (!check->has_score)
		return text_get(cx->language, TEXT_TEXTS_SCORE_NONE);
	int64_t tenths = check->verdict.tenths;
	enum text_id id = tenths < 10 ? TEXT_TEXTS_SCORE_GOOD : TEXT_TEXTS_SCORE_POOR;
	if (tenths >= check->verdict.threshold_tenths)
		id = TEXT_TEXTS_SCORE_SPAM;
	return TEXT_FILL(
		cx->arena, cx->language, id,
		TEXT_ARG("score", text_check_points(cx->arena, tenths)),
		TEXT_ARG("limit", text_check_points(cx->arena, check->verdict.threshold_tenths)),
		TEXT_ARG("rules", str_of(check->verdict.rules)));
}

static enum err fill_check(struct editing *editing, struct text_view *view)
{
	/* Nobody needs to know how what cannot be sent would look. */
	if (editing->typed.body.len > LIMIT_MAIL_TEXT_BYTES)
		return OK;
	TRY(fill_samples(editing, view));
	TRY(text_check(editing->cx, editing->name, editing->language, &editing->typed, true,
		       &view->check));
	view->score = score_sentence(editing->cx, &view->check);
	return OK;
}

static enum err fill_versions(struct editing *editing, struct text_view *view)
{
	struct cx *cx = editing->cx;
	struct texts_text *texts;
	struct form query;
	int64_t before = 0;
	size_t count;
	TRY(form_parse(cx->arena, editing->req->query, &query));
	(void)str_to_int(form_value(&query, "before"), &before);
	TRY(texts_history(cx, editing->name, editing->language, before, TEXT_VERSIONS_SHOWN + 1,
			  &texts, &count));
	if (count > TEXT_VERSIONS_SHOWN) {
		count = TEXT_VERSIONS_SHOWN;
		view->older_before = texts[count - 1].version;
	}
	view->versions = ARENA_ARRAY(cx->arena, count + 1, struct text_version);
	if (view->versions == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		view->versions[i] = (struct text_version){
			.version = texts[i].version,
			.when = when_short(cx, texts[i].at_ms),
			.when_iso = when_iso(cx, texts[i].at_ms),
			.author = texts[i].author,
			.subject = texts[i].words.subject,
			.is_standard = texts[i].is_standard,
		};
	view->version_count = count;
	return OK;
}

static enum err render(struct editing *editing)
{
	struct cx *cx = editing->cx;
	struct text_view view = {
		.errors = &editing->errors,
		.word = texts_word(editing->name),
		.language = language_tag(editing->language),
		.when_sent = when_sent(cx, editing->name),
		.state = state_of(cx, &editing->newest),
		.is_standard = editing->newest.is_standard,
		.version = editing->seen_version,
		.restored = editing->restored,
		.typed = editing->typed,
		.subject_error = form_errors_for(&editing->errors, "subject"),
		.text_error = form_errors_for(&editing->errors, "text"),
		.theirs = editing->newest.words,
		.is_conflict = editing->is_conflict,
	};
	fill_placeholders(editing, &view);
	TRY(fill_check(editing, &view));
	TRY(fill_versions(editing, &view));
	TRY(frame_init(cx, texts_title(cx->language, editing->name), PLACE_TEXTS, &view.frame));
	view.frame.notice =
		editing->notice.len > 0 ? editing->notice : frame_notice(cx, editing->req);
	struct html html = frame_html(cx, editing->res);
	page_text(&html, &view);
	return OK;
}

/* ERR_NOT_FOUND: no such text, or not in this language. */
static enum err find(struct editing *editing)
{
	struct form query;
	struct cx *cx = editing->cx;
	TRY(texts_find(editing->req->params[0], &editing->name));
	TRY(form_parse(cx->arena, editing->req->query, &query));
	struct str tag = form_value(&query, "language");
	editing->language = language_find(tag.len > 0 ? tag : language_tag(language_at(0)));
	if (tag.len > 0 && !str_eq(tag, language_tag(editing->language)))
		return ERR_NOT_FOUND;
	(void)str_to_int(form_value(&query, "version"), &editing->restored);
	return texts_read(cx, editing->name, editing->language, 0, &editing->newest);
}

enum err text_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct editing editing = {.cx = cx, .req = req, .res = res};
	TRY(find(&editing));
	struct texts_text shown = editing.newest;
	if (editing.restored > 0)
		TRY(texts_read(cx, editing.name, editing.language, editing.restored, &shown));
	editing.typed = shown.words;
	editing.seen_version = editing.newest.version;
	return render(&editing);
}

static enum err refuse(struct editing *editing, int status)
{
	editing->res->status = status;
	return render(editing);
}

static enum err save(struct editing *editing, const struct texts_words *words)
{
	struct cx *cx = editing->cx;
	enum err err = texts_write(cx, editing->name, editing->language, words,
				   editing->seen_version, &editing->errors);
	if (err == ERR_INVALID && editing->errors.count > 0)
		return refuse(editing, 422);
	if (err == ERR_CONFLICT) {
		TRY(texts_read(cx, editing->name, editing->language, 0, &editing->newest));
		editing->seen_version = editing->newest.version;
		editing->is_conflict = true;
		form_error(cx, &editing->errors, "text", TEXT_ERROR_TEXTS_CHANGED);
		return refuse(editing, 409);
	}
	TRY(err);
	struct str word = texts_word(editing->name), tag = language_tag(editing->language);
	response_redirect(editing->res,
			  arena_printf(cx->arena, "/admin/texts/%.*s?language=%.*s&done=%s",
				       STR_ARGS(word), STR_ARGS(tag),
				       words != NULL ? "text-saved" : "text-standard"));
	return OK;
}

/* What is typed is not saved by it. */
static enum err send_test(struct editing *editing)
{
	struct cx *cx = editing->cx;
	struct texts_words words;
	struct mail_text mail;
	if (texts_clean(cx, &editing->typed, &words, &editing->errors) != OK)
		return refuse(editing, 422);
	TRY(text_check_sample(cx, editing->name, editing->language, &words, READER_SELF, &mail));
	words = (struct texts_words){.subject = mail.subject, .body = mail.body};
	enum err err = texts_send_test(cx, &words);
	if (err != OK && err != ERR_BUSY)
		return err;
	editing->notice = err == OK ? TEXT_FILL(cx->arena, cx->language, TEXT_TEXTS_TEST_SENT,
						TEXT_ARG("address", cx->session->user.address))
				    : text_get(cx->language, TEXT_TEXTS_TEST_OFTEN);
	return render(editing);
}

enum err text_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct editing editing = {.cx = cx, .req = req, .res = res};
	struct form form;
	TRY(find(&editing));
	TRY(form_parse(cx->arena, req->body, &form));
	editing.typed.subject = form_value(&form, "subject");
	editing.typed.body = texts_clean_body(cx, form_value(&form, "text"));
	editing.restored = 0;
	if (!str_to_int(form_value(&form, "version"), &editing.seen_version))
		return ERR_INVALID;
	struct str act = form_value(&form, "act");
	if (str_eq(act, STR("standard")))
		return save(&editing, NULL);
	if (str_eq(act, STR("test")))
		return send_test(&editing);
	if (str_eq(act, STR("check")))
		return render(&editing);
	return save(&editing, &editing.typed);
}
