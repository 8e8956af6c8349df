#include "core/draft_bytes.h"

#include "base/limits.h"
#include "core/packed.h"
#include "core/signing_plan.h"

enum { DRAFT_FORMAT = 2, DRAFT_FORMAT_FILES = 3, DRAFT_FORMAT_SIGNING = 4, CHOICE_MIN_BYTES = 8 };

static bool is_grade(uint32_t value)
{
	return value == 0 || value == GRADE_GUEST || value == GRADE_PROFESSIONAL;
}

/* Without files it is what it was before there were any; and so without documents to sign. */
static char format_for(size_t file_count, bool is_signing)
{
	if (is_signing)
		return DRAFT_FORMAT_SIGNING;
	return file_count > 0 ? DRAFT_FORMAT_FILES : DRAFT_FORMAT;
}

static struct packed begin(struct str bytes, char *ret_format)
{
	char format = bytes.len > 0 ? bytes.data[0] : 0;
	bool is_known = format == DRAFT_FORMAT_FILES || format == DRAFT_FORMAT_SIGNING;
	*ret_format = is_known ? format : DRAFT_FORMAT;
	return packed_begin(bytes, *ret_format);
}

static void add_files(struct buf *out, const struct draft *draft)
{
	if (draft->file_count == 0 && draft->signing == NULL)
		return;
	packed_add_int(out, (uint32_t)draft->file_count);
	for (size_t i = 0; i < draft->file_count; i++)
		packed_add_text(out, id_str(&draft->files[i]));
}

enum err draft_bytes_write(struct arena *arena, const struct draft *draft, struct str *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_BODY_MESSAGE);
	buf_add_char(&out, format_for(draft->file_count, draft->signing != NULL));
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
	add_files(&out, draft);
	if (draft->signing)
		signing_plan_pack(&out, draft->signing);
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

static enum err read_files(struct arena *arena, struct packed *reading, struct draft *draft)
{
	uint32_t count = packed_int(reading);
	if (reading->is_bad || count > LIMIT_MESSAGE_FILES)
		return ERR_CORRUPT;
	struct id *files = ARENA_ARRAY(arena, count + 1, struct id);
	if (files == NULL)
		return ERR_UNAVAILABLE;
	for (uint32_t i = 0; i < count; i++)
		if (id_parse(packed_text(reading), &files[i]) != OK)
			return ERR_CORRUPT;
	draft->files = files;
	draft->file_count = count;
	return OK;
}

static enum err read_plan(struct arena *arena, struct packed *reading, struct draft *draft)
{
	struct signing_plan *plan = ARENA_ARRAY(arena, 1, struct signing_plan);
	if (plan == NULL)
		return ERR_UNAVAILABLE;
	TRY(signing_plan_unpack(arena, reading, plan));
	draft->signing = plan;
	return OK;
}

enum err draft_bytes_read(struct arena *arena, struct str bytes, struct draft *ret)
{
	char format;
	struct packed reading = begin(bytes, &format);
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
	if (format != DRAFT_FORMAT)
		TRY(read_files(arena, &reading, &draft));
	if (format == DRAFT_FORMAT_FILES && draft.file_count == 0)
		return ERR_CORRUPT;
	if (format == DRAFT_FORMAT_SIGNING)
		TRY(read_plan(arena, &reading, &draft));
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
	buf_add_char(&out, format_for(line->file_count, line->is_signing));
	packed_add_text(&out, line->subject);
	packed_add_int(&out, (uint32_t)line->people_count);
	for (size_t i = 0; i < line->people_count; i++)
		packed_add_text(&out, line->people[i]);
	packed_add_int(&out, (uint32_t)line->people_more);
	if (line->file_count > 0 || line->is_signing)
		packed_add_int(&out, (uint32_t)line->file_count);
	return packed_finish(arena, &out, ret);
}

enum err draft_bytes_read_summary(struct str bytes, struct draft_line *ret)
{
	char format;
	struct packed reading = begin(bytes, &format);
	struct draft_line line = *ret;
	line.subject = packed_text(&reading);
	line.people_count = packed_int(&reading);
	if (line.people_count > DRAFT_NAMED_PEOPLE)
		return ERR_CORRUPT;
	for (size_t i = 0; i < line.people_count; i++)
		line.people[i] = packed_text(&reading);
	line.people_more = packed_int(&reading);
	line.is_signing = format == DRAFT_FORMAT_SIGNING;
	line.file_count = format != DRAFT_FORMAT ? packed_int(&reading) : 0;
	if (!packed_is_whole(&reading) || (format == DRAFT_FORMAT_FILES && line.file_count == 0))
		return ERR_CORRUPT;
	*ret = line;
	return OK;
}
