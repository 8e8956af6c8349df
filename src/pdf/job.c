#include "pdf/job.h"

#include "base/limits.h"

static const struct str magic = {"pdf1", 4};

enum {
	NAME_MAX_BYTES = 4 * LIMIT_SIGNING_NAME_CHARS,
	WORDS_MAX_BYTES = 4096, /* title, reason, contact */
	TEXT_MAX_BYTES = 4 * LIMIT_SIGNING_TEXT_CHARS,
	TRAIL_MAX_BYTES = 2 << 20,
	FIELD_LEAST_BYTES = 4 + 6 * 8,
	MARK_LEAST_BYTES = 3 * 4,
};

static void put_plan(struct buf *out, const struct pdf_plan *plan)
{
	wire_put_int(out, (int64_t)plan->field_count);
	for (size_t i = 0; i < plan->field_count; i++) {
		const struct pdf_field *field = &plan->fields[i];
		wire_put_text(out, field->id);
		wire_put_byte(out, (uint8_t)field->kind);
		wire_put_int(out, field->signer);
		wire_put_int(out, field->box.page);
		wire_put_number(out, field->box.x);
		wire_put_number(out, field->box.y);
		wire_put_number(out, field->box.width);
		wire_put_number(out, field->box.height);
	}
	wire_put_int(out, (int64_t)plan->signer_count);
	for (size_t i = 0; i < plan->signer_count; i++)
		wire_put_text(out, plan->signers[i]);
	wire_put_text(out, plan->title);
	wire_put_int(out, plan->trail_lines);
	wire_put_byte(out, plan->wants_blocks);
}

static enum pdf_field_kind read_field_kind(struct wire *wire)
{
	uint8_t kind = wire_byte(wire);
	if (kind < PDF_FIELD_SIGNATURE || kind > PDF_FIELD_CHECK)
		wire->is_bad = true;
	return kind;
}

static struct str read_field_id(struct wire *wire)
{
	struct str id = wire_text(wire, LIMIT_SIGNING_FIELD_ID_BYTES);
	for (size_t i = 0; i < id.len; i++)
		if (!str_is_alnum(id.data[i]) && id.data[i] != '-' && id.data[i] != '_')
			wire->is_bad = true;
	return id;
}

static void read_fields(struct wire *wire, struct arena *arena, struct pdf_plan *plan)
{
	size_t count = wire_count(wire, LIMIT_SIGNING_FIELDS, FIELD_LEAST_BYTES);
	struct pdf_field *fields = ARENA_ARRAY(arena, count, struct pdf_field);
	for (size_t i = 0; fields && i < count && !wire->is_bad; i++) {
		fields[i].id = read_field_id(wire);
		if (fields[i].id.len == 0)
			wire->is_bad = true;
		fields[i].kind = read_field_kind(wire);
		fields[i].signer = wire_int(wire, 0, LIMIT_SIGNING_SIGNERS - 1);
		fields[i].box.page = wire_int(wire, 1, LIMIT_PDF_PAGES);
		fields[i].box.x = wire_number(wire);
		fields[i].box.y = wire_number(wire);
		fields[i].box.width = wire_number(wire);
		fields[i].box.height = wire_number(wire);
	}
	plan->fields = fields;
	plan->field_count = count;
}

static void read_plan(struct wire *wire, struct arena *arena, struct pdf_plan *plan)
{
	read_fields(wire, arena, plan);
	size_t count = wire_count(wire, LIMIT_SIGNING_SIGNERS, 4);
	struct str *signers = ARENA_ARRAY(arena, count, struct str);
	for (size_t i = 0; signers && i < count; i++)
		signers[i] = wire_text(wire, NAME_MAX_BYTES);
	plan->signers = signers;
	plan->signer_count = count;
	plan->title = wire_text(wire, WORDS_MAX_BYTES);
	plan->trail_lines = wire_int(wire, 0, 4 * LIMIT_SIGNING_EVENTS);
	plan->wants_blocks = wire_bool(wire);
	for (size_t i = 0; plan->fields && i < plan->field_count; i++)
		if ((size_t)plan->fields[i].signer >= plan->signer_count)
			wire->is_bad = true;
}

static void put_signing(struct buf *out, const struct pdf_signing *signing)
{
	wire_put_byte(out, (uint8_t)signing->kind);
	wire_put_int(out, signing->signer);
	wire_put_int(out, (int64_t)signing->mark_count);
	for (size_t i = 0; i < signing->mark_count; i++) {
		wire_put_text(out, signing->marks[i].field_id);
		wire_put_text(out, signing->marks[i].text);
		wire_put_text(out, signing->marks[i].png);
	}
	wire_put_text(out, signing->name);
	wire_put_text(out, signing->reason);
	wire_put_text(out, signing->contact);
	wire_put_text(out, signing->trail);
	wire_put_int(out, signing->at_ms);
}

static void read_signing(struct wire *wire, struct arena *arena, struct pdf_signing *signing)
{
	signing->kind = wire_byte(wire);
	if (signing->kind < PDF_CERTIFY || signing->kind > PDF_SEAL)
		wire->is_bad = true;
	signing->signer = wire_int(wire, 0, LIMIT_SIGNING_SIGNERS - 1);
	size_t count = wire_count(wire, LIMIT_SIGNING_FIELDS + 1, MARK_LEAST_BYTES);
	struct pdf_mark *marks = ARENA_ARRAY(arena, count, struct pdf_mark);
	for (size_t i = 0; marks && i < count; i++) {
		marks[i].field_id = read_field_id(wire);
		marks[i].text = wire_text(wire, TEXT_MAX_BYTES);
		marks[i].png = wire_text(wire, LIMIT_SIGNING_PNG_BYTES);
	}
	signing->marks = marks;
	signing->mark_count = count;
	signing->name = wire_text(wire, NAME_MAX_BYTES);
	signing->reason = wire_text(wire, WORDS_MAX_BYTES);
	signing->contact = wire_text(wire, WORDS_MAX_BYTES);
	signing->trail = wire_text(wire, TRAIL_MAX_BYTES);
	signing->at_ms = wire_int(wire, 0, INT64_C(253402300799999)); /* the year 9999 */
}

void job_put(struct buf *out, const struct job *job)
{
	buf_add(out, magic);
	wire_put_byte(out, (uint8_t)job->kind);
	if (job->kind == JOB_PREPARE)
		put_plan(out, &job->plan);
	else if (job->kind == JOB_SIGN)
		put_signing(out, &job->signing);
	else if (job->kind == JOB_ESCAPE)
		wire_put_int(out, job->escape);
}

enum err job_read(struct str bytes, struct arena *arena, struct job *ret)
{
	if (!str_starts_with(bytes, magic))
		return ERR_INVALID;
	struct wire wire = {.rest = str_slice(bytes, magic.len, bytes.len)};
	struct job job = {.kind = wire_byte(&wire)};
	switch (job.kind) {
	case JOB_INSPECT:
	case JOB_SIGNATURES: break;
	case JOB_PREPARE: read_plan(&wire, arena, &job.plan); break;
	case JOB_SIGN: read_signing(&wire, arena, &job.signing); break;
	case JOB_ESCAPE: job.escape = wire_int(&wire, 0, 100); break;
	default: return ERR_INVALID;
	}
	if (arena->failed)
		return ERR_UNAVAILABLE;
	if (!wire_is_whole(&wire))
		return ERR_INVALID;
	*ret = job;
	return OK;
}
