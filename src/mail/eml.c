#include "mail/eml.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "mail/header.h"
#include "mail/letter.h"
#include "mail/mime.h"
#include "mail/zip.h"

#include <time.h>

enum { NAME_CHARS = 80, ID_TAIL_CHARS = 10 };

static struct str date_of(struct cx *cx, int64_t ms)
{
	return format_date_time(cx->arena, cx->language, cx->session->user.zone, ms);
}

/* ---- the text ---- */

static void add_notice(struct cx *cx, const struct message_view *view, struct buf *out)
{
	bool is_recalled = view->ended == DELIVERY_RECALLED;
	enum text_id id = is_recalled ? TEXT_EXPORT_RECALLED : TEXT_EXPORT_EXPIRED;
	if (view->is_unreadable) {
		buf_add(out, text_get(cx->language, TEXT_MESSAGE_UNREADABLE));
		return;
	}
	buf_add(out, TEXT_FILL(cx->arena, cx->language, id,
			       TEXT_ARG("date", date_of(cx, view->ended_ms))));
	if (!is_recalled || view->reason.len == 0)
		return;
	buf_add(out, STR("\n\n"));
	buf_add(out, TEXT_FILL(cx->arena, cx->language, TEXT_EXPORT_REASON,
			       TEXT_ARG("reason", view->reason)));
}

static void add_own_text(struct cx *cx, const struct message_view *view, struct buf *out)
{
	if (view->is_unreadable || view->ended != DELIVERY_LIVE)
		add_notice(cx, view, out);
	else
		buf_add(out, view->body);
	buf_add(out, STR("\n"));
}

static void add_quoted(struct cx *cx, const struct message_view *quoted, struct buf *out)
{
	if (quoted->is_missing)
		return;
	buf_add(out, STR("\n"));
	buf_add(out, TEXT_FILL(cx->arena, cx->language, TEXT_EXPORT_FORWARDED,
			       TEXT_ARG("name", quoted->sender.name),
			       TEXT_ARG("date", date_of(cx, quoted->sent_ms)),
			       TEXT_ARG("subject", quoted->subject)));
	buf_add(out, STR("\n\n"));
	add_own_text(cx, quoted, out);
}

/* ---- the header ---- */

static enum err add_person(struct buf *out, const char *name, const struct message_person *person,
			   bool *is_first)
{
	struct str display = str_eq(person->name, person->address) ? STR_NONE : person->name;
	if (!header_is_address(person->address))
		return OK;
	TRY(header_add_member(out, *is_first ? name : NULL, display, person->address));
	*is_first = false;
	return OK;
}

static enum err add_people(struct buf *out, const char *name, const struct message_view *view,
			   enum recipient_kind kind)
{
	bool is_first = true;
	for (size_t i = 0; i < view->people_count; i++) {
		if (view->people[i].kind == kind)
			TRY(add_person(out, name, &view->people[i], &is_first));
	}
	/* Who sends a request to sign and signs too stands in To as well, with no delivery of it.
	 */
	if (kind == RECIPIENT_TO && view->signing.sender_signs)
		TRY(add_person(out, name, &view->sender, &is_first));
	if (!is_first)
		buf_add(out, STR("\r\n"));
	return out->err;
}

static enum err add_headers(struct cx *cx, const struct message_view *view, struct buf *out)
{
	static const struct {
		const char *name;
		enum recipient_kind kind;
	} kinds[] = {{"To", RECIPIENT_TO}, {"Cc", RECIPIENT_CC}, {"Bcc", RECIPIENT_BCC}};
	struct str host = letter_host(cx->portal->settings->url);
	mime_add_date(out, view->sent_ms);
	mime_add_id(out, "Message-ID", &view->id, host);
	if (!id_is_empty(&view->parent_id))
		mime_add_id(out, "In-Reply-To", &view->parent_id, host);
	if (view->is_unreadable)
		return out->err;
	struct str sender =
		str_eq(view->sender.name, view->sender.address) ? STR_NONE : view->sender.name;
	if (header_is_address(view->sender.address))
		TRY(header_add_address(out, "From", sender, view->sender.address));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		TRY(add_people(out, kinds[i].name, view, kinds[i].kind));
	header_add_text(out, "Subject", view->subject);
	return out->err;
}

enum err eml_build(struct cx *cx, const struct message_view *view, struct buf *out)
{
	struct buf text CLEANUP_BUF;
	buf_init(&text, LIMIT_EML_BYTES);
	add_own_text(cx, view, &text);
	for (size_t i = 0; i < view->quoted_count; i++)
		add_quoted(cx, &view->quoted[i], &text);
	TRY(text.err);
	TRY(add_headers(cx, view, out));
	mime_add_text(out, buf_str(&text), true);
	return cx->arena->failed ? ERR_UNAVAILABLE : out->err;
}

/* ---- the name of the file ---- */

static struct str without_traps(struct arena *arena, struct str subject)
{
	return zip_safe_name(arena, header_clean(arena, subject, NAME_CHARS));
}

struct str eml_subject(struct cx *cx, const struct message_view *view)
{
	struct str subject = without_traps(cx->arena, view->subject);
	return subject.len > 0 ? subject : text_get(cx->language, TEXT_EXPORT_NO_SUBJECT);
}

struct str eml_stem(struct cx *cx, const struct message_view *view)
{
	time_t seconds = (time_t)(view->sent_ms / SECOND_MS);
	struct tm utc = {0};
	gmtime_r(&seconds, &utc);
	return arena_printf(cx->arena, "%04d-%02d-%02d %.*s (%s)", utc.tm_year + 1900,
			    utc.tm_mon + 1, utc.tm_mday, STR_ARGS(eml_subject(cx, view)),
			    view->id.text + ID_CHARS - ID_TAIL_CHARS);
}
