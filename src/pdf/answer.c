#include "pdf/job.h"

#include "base/limits.h"

static const struct str magic = {"pdf1", 4};

enum {
	PAGE_BYTES = 3 * 8,
	SIGNATURE_LEAST_BYTES = 5 * 4 + 6 * 8 + 4,
	SIGNATURES_MAX = 10000,
	NAME_MAX_BYTES = 4096,
};

void answer_begin(struct buf *out, enum pdf_refusal refusal)
{
	buf_add(out, magic);
	wire_put_byte(out, (uint8_t)refusal);
}

enum err answer_read(struct str bytes, struct wire *ret, enum pdf_refusal *ret_refusal)
{
	if (!str_starts_with(bytes, magic))
		return ERR_INTERNAL;
	struct wire wire = {.rest = str_slice(bytes, magic.len, bytes.len)};
	uint8_t refusal = wire_byte(&wire);
	if (wire.is_bad || refusal >= PDF_REFUSALS)
		return ERR_INTERNAL;
	if (refusal != PDF_FINE && !wire_is_whole(&wire))
		return ERR_INTERNAL;
	*ret = wire;
	*ret_refusal = refusal;
	return OK;
}

/* After the last of what was asked for. */
static enum err end(const struct wire *wire, const struct arena *arena)
{
	if (arena && arena->failed)
		return ERR_UNAVAILABLE;
	return wire_is_whole(wire) ? OK : ERR_INTERNAL;
}

void answer_put_facts(struct buf *out, const struct pdf_facts *facts)
{
	wire_put_int(out, (int64_t)facts->page_count);
	for (size_t i = 0; i < facts->page_count; i++) {
		wire_put_number(out, facts->pages[i].width);
		wire_put_number(out, facts->pages[i].height);
		wire_put_int(out, facts->pages[i].rotation);
	}
	wire_put_int(out, facts->signature_count);
	wire_put_byte(out, facts->has_scripts);
	wire_put_byte(out, facts->has_files);
	wire_put_byte(out, facts->has_form);
}

static void read_page(struct wire *wire, struct pdf_page_size *page)
{
	page->width = wire_number(wire);
	page->height = wire_number(wire);
	page->rotation = (int)wire_int(wire, 0, 270);
	if (page->width <= 0 || page->height <= 0 || page->rotation % 90 != 0)
		wire->is_bad = true;
}

enum err answer_facts(struct wire *wire, struct arena *arena, struct pdf_facts *ret)
{
	struct pdf_facts facts = {.page_count = wire_count(wire, LIMIT_PDF_PAGES, PAGE_BYTES)};
	facts.pages = ARENA_ARRAY(arena, facts.page_count, struct pdf_page_size);
	for (size_t i = 0; facts.pages && i < facts.page_count; i++)
		read_page(wire, &facts.pages[i]);
	facts.signature_count = wire_int(wire, 0, SIGNATURES_MAX);
	facts.has_scripts = wire_bool(wire);
	facts.has_files = wire_bool(wire);
	facts.has_form = wire_bool(wire);
	if (facts.page_count == 0)
		wire->is_bad = true;
	TRY(end(wire, arena));
	*ret = facts;
	return OK;
}

void answer_put_output(struct buf *out, const struct job_output *output)
{
	wire_put_byte(out, output->is_tail);
	wire_put_int(out, output->bytes);
}

enum err answer_output(struct wire *wire, struct job_output *ret)
{
	struct job_output output = {.is_tail = wire_bool(wire)};
	output.bytes = wire_int(wire, 1, LIMIT_PDF_BYTES + LIMIT_PDF_GROWTH_BYTES);
	TRY(end(wire, NULL));
	*ret = output;
	return OK;
}

static void put_signature(struct buf *out, const struct pdf_signature *signature)
{
	wire_put_text(out, signature->field);
	wire_put_text(out, signature->sub_filter);
	wire_put_text(out, signature->reason);
	wire_put_text(out, signature->name);
	wire_put_int(out, signature->at_ms);
	for (int i = 0; i < 4; i++)
		wire_put_int(out, signature->range[i]);
	wire_put_int(out, signature->docmdp);
	wire_put_byte(out, signature->is_field_lock_all);
	wire_put_byte(out, signature->is_whole);
	wire_put_byte(out, signature->is_untouched_since);
	wire_put_byte(out, signature->is_only_added_to);
	wire_put_text(out, signature->changed);
}

void answer_put_signatures(struct buf *out, const struct pdf_signatures *signatures)
{
	wire_put_int(out, (int64_t)signatures->count);
	for (size_t i = 0; i < signatures->count; i++)
		put_signature(out, &signatures->items[i]);
	wire_put_byte(out, signatures->has_empty_places);
}

static void read_signature(struct wire *wire, struct arena *arena, struct pdf_signature *signature)
{
	signature->field = arena_copy(arena, wire_text(wire, NAME_MAX_BYTES));
	signature->sub_filter = arena_copy(arena, wire_text(wire, NAME_MAX_BYTES));
	signature->reason = arena_copy(arena, wire_text(wire, NAME_MAX_BYTES));
	signature->name = arena_copy(arena, wire_text(wire, NAME_MAX_BYTES));
	signature->at_ms = wire_int(wire, INT64_MIN, INT64_MAX);
	for (int i = 0; i < 4; i++)
		signature->range[i] = wire_int(wire, INT64_MIN, INT64_MAX);
	signature->docmdp = wire_int(wire, 0, 3);
	signature->is_field_lock_all = wire_bool(wire);
	signature->is_whole = wire_bool(wire);
	signature->is_untouched_since = wire_bool(wire);
	signature->is_only_added_to = wire_bool(wire);
	signature->changed = arena_copy(arena, wire_text(wire, NAME_MAX_BYTES));
}

enum err answer_signatures(struct wire *wire, struct arena *arena, struct pdf_signatures *ret)
{
	struct pdf_signatures found = {
		.count = wire_count(wire, SIGNATURES_MAX, SIGNATURE_LEAST_BYTES)};
	found.items = ARENA_ARRAY(arena, found.count, struct pdf_signature);
	for (size_t i = 0; found.items && i < found.count; i++)
		read_signature(wire, arena, &found.items[i]);
	found.has_empty_places = wire_bool(wire);
	TRY(end(wire, arena));
	*ret = found;
	return OK;
}
