#include "core/signing_trail.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/signing_words.h"
#include "text/calendar.h"

/* As a rule, in all: of the document, of each signer (who, when, what, from where ...), of the
 * history. Nothing is cut: what takes more lines is set in smaller letters. */
enum {
	DOCUMENT_LINES = 8,
	SIGNER_LINES = 11 + 4, /* what was agreed to may take three, their program two, and so on */
	HISTORY_LINES = 7,
	CHECK_LINES = 7,
	SIGNER_EVENTS = 3 * 2,
	LINE_CHARS = 110, /* that fit beside each other; the worker breaks what is longer */
	TRAIL_BYTES = 512 * 1024,
};

int64_t signing_trail_lines(int64_t signer_count)
{
	return DOCUMENT_LINES + HISTORY_LINES + CHECK_LINES +
	       signer_count * (SIGNER_LINES + SIGNER_EVENTS);
}

static int64_t lines_of(struct str text)
{
	int64_t chars = (int64_t)utf8_count(text);
	return chars > LINE_CHARS ? (chars + LINE_CHARS - 1) / LINE_CHARS : 1;
}

struct trail {
	struct cx *cx;
	const struct signing_case *one;
	const struct language *language; /* the sender's */
	struct str zone;
	int64_t position;
	struct buf out;
	int64_t lines;
};

/* What is too long for one line is broken where the page is made (pdf/worker/text_box.h), and takes
 * the room of several. */
static void put(struct trail *trail, struct str text)
{
	if (trail->lines > 0)
		buf_add_char(&trail->out, '\n');
	buf_add(&trail->out, text);
	trail->lines += lines_of(text);
}

#define PUT(trail, id, ...)                                                                        \
	put((trail), TEXT_FILL((trail)->cx->arena, (trail)->language, (id), __VA_ARGS__))

static struct str time_of(const struct trail *trail, int64_t at_ms)
{
	int64_t s = calendar_floor(at_ms, SECOND_MS), days = calendar_floor(s, 86400);
	struct calendar_date date = calendar_from_days(days);
	int in_day = (int)(s - days * 86400);
	struct str utc = arena_printf(trail->cx->arena, "%04d-%02d-%02d %02d:%02d:%02d UTC",
				      (int)date.year, (int)date.month, (int)date.day, in_day / 3600,
				      in_day / 60 % 60, in_day % 60);
	if (trail->zone.len == 0 || str_eq(trail->zone, STR("UTC")))
		return utc;
	struct str local = format_date_time(trail->cx->arena, trail->language, trail->zone, at_ms);
	return arena_printf(trail->cx->arena, "%.*s (%.*s, %.*s)", STR_ARGS(utc), STR_ARGS(local),
			    STR_ARGS(trail->zone));
}

static struct str sum_of(const struct trail *trail, const uint8_t *sum)
{
	return encode_hex(trail->cx->arena, str_bytes(sum, SIGNING_SHA256_BYTES));
}

/* ---- the document ---- */

static void put_document(struct trail *trail)
{
	const struct signing_case *one = trail->one;
	const struct signing_head *head = &one->heads[trail->position];
	struct arena *arena = trail->cx->arena;
	PUT(trail, TEXT_SIGNING_TRAIL_DOCUMENT, TEXT_ARG("name", head->name));
	PUT(trail, TEXT_SIGNING_TRAIL_PAGES, TEXT_NUMBER("count", head->pages),
	    TEXT_ARG("size", format_size(arena, trail->language, head->original_bytes)));
	PUT(trail, TEXT_SIGNING_TRAIL_HASH_ORIGINAL,
	    TEXT_ARG("sum", sum_of(trail, head->original_sha256)));
	PUT(trail, TEXT_SIGNING_TRAIL_SENT_BY, TEXT_ARG("who", user_label(&one->sender)),
	    TEXT_ARG("address", one->sender.address),
	    TEXT_ARG("time", time_of(trail, one->signing.created_ms)));
	PUT(trail, TEXT_SIGNING_TRAIL_WHERE, TEXT_ARG("portal", trail->cx->portal->settings->name),
	    TEXT_ARG("url", trail->cx->portal->settings->url));
}

/* ---- a signer ---- */

static const struct signing_change *change_of(const struct trail *trail,
					      const struct signing_detail *detail)
{
	for (size_t i = 0; i < detail->change_count; i++)
		if (detail->changes[i].position == trail->position)
			return &detail->changes[i];
	return NULL;
}

static void put_proof(struct trail *trail, const struct signing_detail *detail)
{
	PUT(trail, TEXT_SIGNING_TRAIL_PROOF,
	    TEXT_ARG("proof", signing_words_proof(trail->cx, trail->language,
						  time_of(trail, detail->proof_ms), detail)));
	if (detail->proof.len > 0)
		PUT(trail, TEXT_SIGNING_TRAIL_PROOF_DIGEST,
		    TEXT_ARG("sum", encode_hex(trail->cx->arena, detail->proof)));
}

static void put_change(struct trail *trail, const struct signing_change *change)
{
	PUT(trail, TEXT_SIGNING_TRAIL_HASH_BEFORE, TEXT_ARG("sum", sum_of(trail, change->before)));
	PUT(trail, TEXT_SIGNING_TRAIL_HASH_AFTER, TEXT_ARG("sum", sum_of(trail, change->after)));
	if (change->stamped_ms > 0)
		PUT(trail, TEXT_SIGNING_TRAIL_STAMPED_AT,
		    TEXT_ARG("time", time_of(trail, change->stamped_ms)));
}

static struct str consent_of(const struct signing_case *one, const struct id *user_id)
{
	for (size_t i = 0; i < one->event_count; i++)
		if (one->events[i].kind == AUDIT_SIGNING_AGREED &&
		    id_eq(&one->events[i].user_id, user_id))
			return one->details[i].consent;
	return STR_NONE;
}

static void put_signature(struct trail *trail, size_t event)
{
	const struct signing_detail *detail = &trail->one->details[event];
	const struct id *user_id = &trail->one->events[event].user_id;
	const struct signing_change *change = change_of(trail, detail);
	struct str remote = detail->remote;
	if (remote.len == 0)
		remote = text_get(trail->language, TEXT_SIGNING_REMOTE_UNKNOWN);
	PUT(trail, TEXT_SIGNING_TRAIL_SIGNED_AT,
	    TEXT_ARG("time", time_of(trail, trail->one->events[event].at_ms)));
	put_proof(trail, detail);
	if (detail->user_agent.len > 0)
		PUT(trail, TEXT_SIGNING_TRAIL_FROM, TEXT_ARG("remote", remote),
		    TEXT_ARG("program", detail->user_agent));
	else
		PUT(trail, TEXT_SIGNING_TRAIL_FROM_ADDRESS, TEXT_ARG("remote", remote));
	PUT(trail, TEXT_SIGNING_TRAIL_AGREED, TEXT_ARG("text", consent_of(trail->one, user_id)));
	if (detail->has_password)
		put(trail, text_get(trail->language, TEXT_SIGNING_TRAIL_PASSWORD));
	if (change)
		put_change(trail, change);
}

/* As they were called when they signed, which is what the signature itself says. */
static void put_signer(struct trail *trail, int64_t at)
{
	const struct signing_case *one = trail->one;
	const struct id *user_id = &one->users[at].id;
	put(trail, STR_NONE);
	for (size_t i = 0; i < one->event_count; i++) {
		const struct signing_detail *detail = &one->details[i];
		if (one->events[i].kind != AUDIT_SIGNING_SIGNED ||
		    !id_eq(&one->events[i].user_id, user_id))
			continue;
		PUT(trail, TEXT_SIGNING_TRAIL_SIGNER, TEXT_NUMBER("number", at + 1),
		    TEXT_ARG("who", detail->name), TEXT_ARG("address", detail->address));
		put_signature(trail, i);
	}
}

/* ---- the history ---- */

static struct str words_of_event(const struct trail *trail, size_t event)
{
	const struct signing_case *one = trail->one;
	struct str who = signing_words_who(one, event);
	if (who.len == 0)
		who = text_get(trail->language, TEXT_SIGNING_TRAIL_PORTAL);
	return TEXT_FILL(
		trail->cx->arena, trail->language, TEXT_SIGNING_TRAIL_EVENT,
		TEXT_ARG("time", time_of(trail, one->events[event].at_ms)), TEXT_ARG("who", who),
		TEXT_ARG("what", signing_words_event(trail->cx, trail->language, one, event)));
}

/* At most a few of each signer: these are always there. */
static bool is_needed(const struct signing_event *event)
{
	return event->kind != AUDIT_SIGNING_DOWNLOADED && event->kind != AUDIT_SIGNING_REMINDED;
}

/* How many lines there are for the others, and for the one that says how many are left out. */
static int64_t spare_lines(const struct trail *trail, const struct str *words)
{
	enum { MORE_LINES = 2 };
	const struct signing_case *one = trail->one;
	int64_t spare = signing_trail_lines(one->signing.signer_count) - CHECK_LINES - trail->lines;
	int64_t others = 0;
	for (size_t i = 0; i < one->event_count; i++) {
		if (is_needed(&one->events[i]))
			spare -= lines_of(words[i]);
		else
			others += lines_of(words[i]);
	}
	return others > spare ? spare - MORE_LINES : spare;
}

/* Reading and reminding again and again does not push what counts off the page; all of it stands in
 * the history of the request. */
static void put_history(struct trail *trail)
{
	const struct signing_case *one = trail->one;
	struct str *words = ARENA_ARRAY(trail->cx->arena, one->event_count + 1, struct str);
	int64_t left_out = 0;
	if (words == NULL)
		return; /* told by the arena */
	for (size_t i = 0; i < one->event_count; i++)
		words[i] = words_of_event(trail, i);
	put(trail, STR_NONE);
	put(trail, text_get(trail->language, TEXT_SIGNING_TRAIL_HISTORY));
	int64_t spare = spare_lines(trail, words);
	for (size_t i = 0; i < one->event_count; i++) {
		bool has_room = lines_of(words[i]) <= spare;
		if (!is_needed(&one->events[i])) {
			left_out += !has_room;
			spare -= has_room ? lines_of(words[i]) : 0;
		}
		if (is_needed(&one->events[i]) || has_room)
			put(trail, words[i]);
	}
	if (left_out > 0)
		PUT(trail, TEXT_SIGNING_TRAIL_MORE, TEXT_NUMBER("count", left_out));
}

/* For those who have nothing but the document. */
static void put_check(struct trail *trail)
{
	static const enum text_id words[] = {TEXT_SIGNING_TRAIL_CHECK,
					     TEXT_SIGNING_TRAIL_CHECK_READER,
					     TEXT_SIGNING_TRAIL_CHECK_SUM};
	put(trail, STR_NONE);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		put(trail, text_get(trail->language, words[i]));
}

enum err signing_trail_write(struct cx *cx, const struct signing_case *one, int64_t position,
			     struct str *ret)
{
	struct trail trail = {
		.cx = cx,
		.one = one,
		.language = language_find(one->sender.language),
		.zone = one->sender.zone,
		.position = position,
	};
	buf_init(&trail.out, TRAIL_BYTES);
	put_document(&trail);
	for (int64_t i = 0; i < one->signing.signer_count; i++)
		put_signer(&trail, i);
	put_history(&trail);
	put_check(&trail);
	enum err err = trail.out.err;
	*ret = err == OK ? arena_copy(cx->arena, buf_str(&trail.out)) : STR_NONE;
	buf_release(&trail.out);
	return err == OK && cx->arena->failed ? ERR_UNAVAILABLE : err;
}
