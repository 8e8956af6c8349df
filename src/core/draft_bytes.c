#include "core/draft_bytes.h"

#include "base/limits.h"
#include "core/packed.h"

enum { DRAFT_FORMAT = 2, CHOICE_MIN_BYTES = 8 };

static bool is_grade(uint32_t value)
{
	return value == 0 || value == GRADE_GUEST || value == GRADE_PROFESSIONAL;
}

enum err draft_bytes_write(struct arena *arena, const struct draft *draft, struct str *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_BODY_MESSAGE);
	buf_add_char(&out, DRAFT_FORMAT);
	packed_add_text(&out, draft->to);
	packed_add_text(&out, draft->cc);
	packed_add_text(&out, draft->bcc);
	packed_add_text(&out, draft->subject);
	packed_add_text(&out, draft->body);
	packed_add_text(&out, id_str(&draft->reply_to));
	packed_add_text(&out, draft->idempotency_key);
	packed_add_int(&out, draft->invite_as);
	packed_add_int(&out, (uint32_t)draft->choice_count);
	for (size_t i = 0; i < draft->choice_count; i++) {
		packed_add_text(&out, draft->choices[i].address);
		packed_add_int(&out, draft->choices[i].grade);
	}
	packed_add_text(&out, id_str(&draft->forward_of));
	packed_add_int(&out, draft->options);
	packed_add_int(&out, draft->options_off);
	packed_add_text(&out, draft->expires);
	return packed_finish(arena, &out, ret);
}

static enum err read_choices(struct arena *arena, struct packed *reading, struct draft *draft)
{
	uint32_t count = packed_int(reading);
	/* Each takes two numbers at least, so that a wrong count asks for no memory. */
	if (reading->is_bad || count > reading->rest.len / CHOICE_MIN_BYTES)
		return ERR_CORRUPT;
	struct invite_choice *choices = ARENA_ARRAY(arena, count + 1, struct invite_choice);
	if (choices == NULL)
		return ERR_UNAVAILABLE;
	for (uint32_t i = 0; i < count; i++) {
		choices[i].address = packed_text(reading);
		uint32_t grade = packed_int(reading);
		reading->is_bad = reading->is_bad || !is_grade(grade);
		choices[i].grade = (enum grade)grade;
	}
	draft->choices = choices;
	draft->choice_count = count;
	return OK;
}

enum err draft_bytes_read(struct arena *arena, struct str bytes, struct draft *ret)
{
	struct packed reading = packed_begin(bytes, DRAFT_FORMAT);
	struct draft draft = {.to = packed_text(&reading)};
	draft.cc = packed_text(&reading);
	draft.bcc = packed_text(&reading);
	draft.subject = packed_text(&reading);
	draft.body = packed_text(&reading);
	struct str reply_to = packed_text(&reading);
	draft.idempotency_key = packed_text(&reading);
	uint32_t invite_as = packed_int(&reading);
	draft.invite_as = (enum grade)invite_as;
	TRY(read_choices(arena, &reading, &draft));
	struct str forward_of = packed_text(&reading);
	draft.options = packed_int(&reading);
	draft.options_off = packed_int(&reading);
	draft.expires = packed_text(&reading);
	if (forward_of.len > 0 && id_parse(forward_of, &draft.forward_of) != OK)
		return ERR_CORRUPT;
	if (reply_to.len > 0 && id_parse(reply_to, &draft.reply_to) != OK)
		return ERR_CORRUPT;
	if (!packed_is_whole(&reading) || !is_grade(invite_as))
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
	packed_add_text(&out, line->subject);
	packed_add_int(&out, (uint32_t)line->people_count);
	for (size_t i = 0; i < line->people_count; i++)
		packed_add_text(&out, line->people[i]);
	packed_add_int(&out, (uint32_t)line->people_more);
	return packed_finish(arena, &out, ret);
}

enum err draft_bytes_read_summary(struct str bytes, struct draft_line *ret)
{
	struct packed reading = packed_begin(bytes, DRAFT_FORMAT);
	struct draft_line line = *ret;
	line.subject = packed_text(&reading);
	line.people_count = packed_int(&reading);
	if (line.people_count > DRAFT_NAMED_PEOPLE)
		return ERR_CORRUPT;
	for (size_t i = 0; i < line.people_count; i++)
		line.people[i] = packed_text(&reading);
	line.people_more = packed_int(&reading);
	if (!packed_is_whole(&reading))
		return ERR_CORRUPT;
	*ret = line;
	return OK;
}
