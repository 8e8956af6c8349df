#include "core/signing_plan.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"

/* Points are kept and written in hundredths. */
enum { PARTS = 100, BOX_NUMBERS = 4, FIELD_MIN_BYTES = 9 * 4, DAYS_NUMBERS = 3 };

/* ---- words ---- */

static const char *const kinds[] = {
	[PDF_FIELD_SIGNATURE] = "signature", [PDF_FIELD_INITIALS] = "initials",
	[PDF_FIELD_NAME] = "name",           [PDF_FIELD_DATE] = "date",
	[PDF_FIELD_TEXT] = "text",           [PDF_FIELD_CHECK] = "check",
};
static const char *const orders[] = {
	[SIGNING_ALL_AT_ONCE] = "all",
	[SIGNING_IN_SEQUENCE] = "sequence",
};

static const char *word_of(const char *const *words, size_t count, size_t at)
{
	return at < count && words[at] ? words[at] : "";
}

static size_t find_word(const char *const *words, size_t count, struct str word)
{
	for (size_t i = 1; i < count; i++)
		if (str_eq(word, str_of(words[i])))
			return i;
	return 0;
}

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };
enum { ORDER_COUNT = sizeof(orders) / sizeof(orders[0]) };

const char *signing_plan_kind_word(enum pdf_field_kind kind)
{
	return word_of(kinds, KIND_COUNT, (size_t)kind);
}

enum err signing_plan_kind_parse(struct str word, enum pdf_field_kind *ret)
{
	size_t at = find_word(kinds, KIND_COUNT, word);
	if (at == 0)
		return ERR_INVALID;
	*ret = (enum pdf_field_kind)at;
	return OK;
}

const char *signing_plan_order_word(enum signing_order order)
{
	return word_of(orders, ORDER_COUNT, (size_t)order);
}

enum err signing_plan_order_parse(struct str word, enum signing_order *ret)
{
	size_t at = find_word(orders, ORDER_COUNT, word);
	if (at == 0)
		return ERR_INVALID;
	*ret = (enum signing_order)at;
	return OK;
}

/* ---- numbers ---- */

static uint32_t to_parts(double points)
{
	const double most = LIMIT_PDF_PAGE_POINTS;
	/* What is no number is not above 0 either. */
	if (!(points > 0))
		return 0;
	return (uint32_t)((points < most ? points : most) * PARTS + 0.5);
}

double signing_plan_round(double points)
{
	return (double)to_parts(points) / PARTS;
}

struct str signing_plan_points(struct arena *arena, double points)
{
	uint32_t parts = to_parts(points);
	if (parts % PARTS == 0)
		return arena_printf(arena, "%u", parts / PARTS);
	if (parts % 10 == 0)
		return arena_printf(arena, "%u.%u", parts / PARTS, parts % PARTS / 10);
	return arena_printf(arena, "%u.%02u", parts / PARTS, parts % PARTS);
}

/* "72", "72.5", "72.25"; up to LIMIT_PDF_PAGE_POINTS. */
static bool parse_points(struct str text, double *ret)
{
	struct str whole;
	int64_t number, parts = 0;
	if (!str_next(&text, '.', &whole) || !str_to_int(whole, &number) ||
	    number > LIMIT_PDF_PAGE_POINTS)
		return false;
	if (text.len > 2 || (text.len > 0 && !str_to_int(text, &parts)))
		return false;
	*ret = (double)(number * PARTS + (text.len == 1 ? parts * 10 : parts)) / PARTS;
	return true;
}

/* ---- lines ---- */

struct str signing_plan_line(struct arena *arena, const struct signing_field *field,
			     const struct id *files)
{
	const struct pdf_box *box = &field->box;
	return arena_printf(arena, "%.*s %s %.*s %s %lld %.*s %.*s %.*s %.*s %s%s%.*s",
			    STR_ARGS(field->id), signing_plan_kind_word(field->kind),
			    STR_ARGS(field->signer), files[field->file].text, (long long)box->page,
			    STR_ARGS(signing_plan_points(arena, box->x)),
			    STR_ARGS(signing_plan_points(arena, box->y)),
			    STR_ARGS(signing_plan_points(arena, box->width)),
			    STR_ARGS(signing_plan_points(arena, box->height)),
			    field->is_required ? "required" : "optional",
			    field->label.len > 0 ? " " : "", STR_ARGS(field->label));
}

static bool parse_box(struct str *rest, struct pdf_box *box)
{
	struct str words[1 + BOX_NUMBERS];
	for (size_t i = 0; i <= BOX_NUMBERS; i++)
		if (!str_next(rest, ' ', &words[i]))
			return false;
	return str_to_int(words[0], &box->page) && box->page <= LIMIT_PDF_PAGES &&
	       parse_points(words[1], &box->x) && parse_points(words[2], &box->y) &&
	       parse_points(words[3], &box->width) && parse_points(words[4], &box->height);
}

static bool parse_required(struct str *rest, bool *ret)
{
	struct str word;
	if (!str_next(rest, ' ', &word))
		return false;
	*ret = str_eq(word, STR("required"));
	return *ret || str_eq(word, STR("optional"));
}

static enum err find_file(struct str word, const struct id *files, size_t count, int64_t *ret)
{
	struct id id;
	TRY(id_parse(word, &id));
	for (size_t i = 0; i < count; i++) {
		if (!id_eq(&files[i], &id))
			continue;
		*ret = (int64_t)i;
		return OK;
	}
	return ERR_NOT_FOUND;
}

enum err signing_plan_line_parse(struct str line, const struct id *files, size_t file_count,
				 struct signing_field *ret)
{
	struct signing_field field = {.file = 0};
	struct str kind, file;
	/* A label may hold whatever can be told to whoever typed it; a NUL nobody types. */
	if (!utf8_is_valid(line) || str_find_char(line, '\0') >= 0 ||
	    !str_next(&line, ' ', &field.id) || !str_next(&line, ' ', &kind) ||
	    signing_plan_kind_parse(kind, &field.kind) != OK ||
	    !str_next(&line, ' ', &field.signer) || !str_next(&line, ' ', &file) ||
	    !parse_box(&line, &field.box) || !parse_required(&line, &field.is_required))
		return ERR_INVALID;
	field.label = line;
	TRY(find_file(file, files, file_count, &field.file));
	*ret = field;
	return OK;
}

enum err signing_plan_move(struct arena *arena, const struct draft *from, const struct id *to,
			   size_t to_count, const struct signing_plan **ret)
{
	const struct signing_plan *plan = from->signing;
	struct signing_plan *moved = ARENA_ARRAY(arena, 1, struct signing_plan);
	if (moved == NULL)
		return ERR_UNAVAILABLE;
	*moved = *plan;
	moved->fields = ARENA_ARRAY(arena, plan->field_count + 1, struct signing_field);
	moved->field_count = 0;
	if (moved->fields == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < plan->field_count; i++) {
		struct signing_field field = plan->fields[i];
		if (field.file < 0 || field.file >= (int64_t)from->file_count)
			continue;
		const struct id *file = &from->files[field.file];
		for (size_t j = 0; j < to_count; j++) {
			if (!id_eq(&to[j], file))
				continue;
			field.file = (int64_t)j;
			moved->fields[moved->field_count++] = field;
			break;
		}
	}
	*ret = moved;
	return OK;
}

/* ---- bytes ---- */

static void pack_field(struct buf *out, const struct signing_field *field)
{
	const struct pdf_box *box = &field->box;
	packed_add_text(out, field->id);
	packed_add_int(out, field->kind);
	packed_add_text(out, field->signer);
	packed_add_int(out, (uint32_t)field->file);
	packed_add_int(out, (uint32_t)box->page);
	packed_add_int(out, to_parts(box->x));
	packed_add_int(out, to_parts(box->y));
	packed_add_int(out, to_parts(box->width));
	packed_add_int(out, to_parts(box->height));
	packed_add_int(out, field->is_required);
	packed_add_text(out, field->label);
}

void signing_plan_pack(struct buf *out, const struct signing_plan *plan)
{
	packed_add_int(out, plan->order);
	packed_add_text(out, plan->deadline);
	packed_add_int(out, (uint32_t)plan->remind_after_days);
	packed_add_int(out, (uint32_t)plan->remind_every_days);
	packed_add_int(out, (uint32_t)plan->remind_before_days);
	packed_add_int(out, plan->wants_password);
	packed_add_int(out, (uint32_t)plan->field_count);
	for (size_t i = 0; i < plan->field_count; i++)
		pack_field(out, &plan->fields[i]);
}

/* At most `most`. */
static int64_t unpack_int(struct packed *packed, uint32_t most)
{
	uint32_t value = packed_int(packed);
	packed->is_bad = packed->is_bad || value > most;
	return packed->is_bad ? 0 : value;
}

/* What could not be read as a number was kept as -1. */
static int64_t unpack_days(struct packed *packed)
{
	return (int32_t)packed_int(packed);
}

static double unpack_points(struct packed *packed)
{
	return (double)unpack_int(packed, LIMIT_PDF_PAGE_POINTS * PARTS) / PARTS;
}

static struct signing_field unpack_field(struct packed *packed)
{
	struct signing_field field = {.id = packed_text(packed)};
	field.kind = (enum pdf_field_kind)unpack_int(packed, KIND_COUNT - 1);
	field.signer = packed_text(packed);
	field.file = unpack_int(packed, LIMIT_MESSAGE_FILES);
	field.box.page = unpack_int(packed, UINT32_MAX);
	field.box.x = unpack_points(packed);
	field.box.y = unpack_points(packed);
	field.box.width = unpack_points(packed);
	field.box.height = unpack_points(packed);
	field.is_required = unpack_int(packed, 1) == 1;
	field.label = packed_text(packed);
	packed->is_bad = packed->is_bad || field.kind == 0;
	return field;
}

enum err signing_plan_unpack(struct arena *arena, struct packed *packed, struct signing_plan *ret)
{
	struct signing_plan plan = {
		.order = (enum signing_order)unpack_int(packed, ORDER_COUNT - 1)};
	packed->is_bad = packed->is_bad || plan.order == 0;
	plan.deadline = packed_text(packed);
	plan.remind_after_days = unpack_days(packed);
	plan.remind_every_days = unpack_days(packed);
	plan.remind_before_days = unpack_days(packed);
	plan.wants_password = unpack_int(packed, 1) == 1;
	plan.field_count = (size_t)unpack_int(packed, LIMIT_SIGNING_FIELDS);
	/* So that a wrong count asks for no memory. */
	if (packed->is_bad || plan.field_count > packed->rest.len / FIELD_MIN_BYTES)
		return ERR_CORRUPT;
	plan.fields = ARENA_ARRAY(arena, plan.field_count + 1, struct signing_field);
	if (plan.fields == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < plan.field_count; i++)
		plan.fields[i] = unpack_field(packed);
	if (packed->is_bad)
		return ERR_CORRUPT;
	*ret = plan;
	return OK;
}
