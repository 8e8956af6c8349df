#include "core/draft_bytes.h"

#include "base/buf.h"
#include "base/limits.h"

enum { DRAFT_FORMAT = 2, INT_BYTES = 4 };

static void put_int(struct buf *out, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_char(out, (char)(value >> shift & 0xff));
}

static void put_text(struct buf *out, struct str text)
{
	put_int(out, (uint32_t)text.len);
	buf_add(out, text);
}

static enum err finish(struct arena *arena, const struct buf *out, struct str *ret)
{
	if (out->err != OK)
		return out->err;
	struct str bytes = arena_copy(arena, buf_str(out));
	if (arena->failed)
		return ERR_UNAVAILABLE;
	*ret = bytes;
	return OK;
}

/* What is left to read; the first mistake sticks. */
struct reading {
	struct str rest;
	bool is_bad;
};

static uint32_t get_int(struct reading *reading)
{
	uint32_t value = 0;
	if (reading->rest.len < INT_BYTES) {
		reading->is_bad = true;
		return 0;
	}
	for (int i = 0; i < INT_BYTES; i++)
		value = value << 8 | (uint8_t)reading->rest.data[i];
	reading->rest = str_slice(reading->rest, INT_BYTES, reading->rest.len);
	return value;
}

static struct str get_text(struct reading *reading)
{
	uint32_t len = get_int(reading);
	if (len > reading->rest.len) {
		reading->is_bad = true;
		return STR_NONE;
	}
	struct str text = str_slice(reading->rest, 0, len);
	reading->rest = str_slice(reading->rest, len, reading->rest.len);
	return text;
}

static struct reading begin(struct str bytes)
{
	struct reading reading = {.rest = bytes};
	reading.is_bad = bytes.len == 0 || bytes.data[0] != DRAFT_FORMAT;
	reading.rest = str_slice(bytes, 1, bytes.len);
	return reading;
}

static bool is_grade(uint32_t value)
{
	return value == 0 || value == GRADE_GUEST || value == GRADE_PROFESSIONAL;
}

enum err draft_bytes_write(struct arena *arena, const struct draft *draft, struct str *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_BODY_MESSAGE);
	buf_add_char(&out, DRAFT_FORMAT);
	put_text(&out, draft->to);
	put_text(&out, draft->cc);
	put_text(&out, draft->bcc);
	put_text(&out, draft->subject);
	put_text(&out, draft->body);
	put_text(&out, id_str(&draft->reply_to));
	put_text(&out, draft->idempotency_key);
	put_int(&out, draft->invite_as);
	put_int(&out, (uint32_t)draft->choice_count);
	for (size_t i = 0; i < draft->choice_count; i++) {
		put_text(&out, draft->choices[i].address);
		put_int(&out, draft->choices[i].grade);
	}
	put_text(&out, id_str(&draft->forward_of));
	put_int(&out, draft->options);
	put_int(&out, draft->options_off);
	put_text(&out, draft->expires);
	return finish(arena, &out, ret);
}

static enum err read_choices(struct arena *arena, struct reading *reading, struct draft *draft)
{
	uint32_t count = get_int(reading);
	/* Each takes two numbers at least, so that a wrong count asks for no memory. */
	if (reading->is_bad || count > reading->rest.len / (2 * INT_BYTES))
		return ERR_CORRUPT;
	struct invite_choice *choices = ARENA_ARRAY(arena, count + 1, struct invite_choice);
	if (choices == NULL)
		return ERR_UNAVAILABLE;
	for (uint32_t i = 0; i < count; i++) {
		choices[i].address = get_text(reading);
		uint32_t grade = get_int(reading);
		reading->is_bad = reading->is_bad || !is_grade(grade);
		choices[i].grade = (enum grade)grade;
	}
	draft->choices = choices;
	draft->choice_count = count;
	return OK;
}

enum err draft_bytes_read(struct arena *arena, struct str bytes, struct draft *ret)
{
	struct reading reading = begin(bytes);
	struct draft draft = {.to = get_text(&reading)};
	draft.cc = get_text(&reading);
	draft.bcc = get_text(&reading);
	draft.subject = get_text(&reading);
	draft.body = get_text(&reading);
	struct str reply_to = get_text(&reading);
	draft.idempotency_key = get_text(&reading);
	uint32_t invite_as = get_int(&reading);
	draft.invite_as = (enum grade)invite_as;
	TRY(read_choices(arena, &reading, &draft));
	struct str forward_of = get_text(&reading);
	draft.options = get_int(&reading);
	draft.options_off = get_int(&reading);
	draft.expires = get_text(&reading);
	if (forward_of.len > 0 && id_parse(forward_of, &draft.forward_of) != OK)
		return ERR_CORRUPT;
	if (reply_to.len > 0 && id_parse(reply_to, &draft.reply_to) != OK)
		return ERR_CORRUPT;
	if (reading.is_bad || reading.rest.len > 0 || !is_grade(invite_as))
		return ERR_CORRUPT;
	*ret = draft;
	return OK;
}

enum err draft_bytes_write_summary(struct arena *arena, const struct draft_line *line,
				   struct str *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_BODY_MESSAGE);
	buf_add_char(&out, DRAFT_FORMAT);
	put_text(&out, line->subject);
	put_int(&out, (uint32_t)line->people_count);
	for (size_t i = 0; i < line->people_count; i++)
		put_text(&out, line->people[i]);
	put_int(&out, (uint32_t)line->people_more);
	return finish(arena, &out, ret);
}

enum err draft_bytes_read_summary(struct str bytes, struct draft_line *ret)
{
	struct reading reading = begin(bytes);
	struct draft_line line = *ret;
	line.subject = get_text(&reading);
	line.people_count = get_int(&reading);
	if (line.people_count > DRAFT_NAMED_PEOPLE)
		return ERR_CORRUPT;
	for (size_t i = 0; i < line.people_count; i++)
		line.people[i] = get_text(&reading);
	line.people_more = get_int(&reading);
	if (reading.is_bad || reading.rest.len > 0)
		return ERR_CORRUPT;
	*ret = line;
	return OK;
}
