#include "pdf/foreign_pdf.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CONTENTS_BYTES = 8 * 1024, OBJECTS_MAX = 200 };

#define DUMMY "/ByteRange[0 0000000000 0000000000 0000000000]/Contents<"

/* A value with room for its signature. */
static const char *value(struct pdf_fixture *it, const char *rules)
{
	struct buf out;
	buf_init(&out, 65536);
	buf_add(&out, STR("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" DUMMY));
	for (int i = 0; i < 2 * CONTENTS_BYTES; i++)
		buf_add_char(&out, '0');
	buf_addf(&out, ">/M(D:20261120120000Z)/Name(Somebody Else)%s>>", rules);
	const char *made = arena_cstr(&it->arena, buf_str(&out));
	buf_release(&out);
	return made;
}

static struct str copy_of(struct pdf_fixture *it)
{
	struct str view;
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	struct str copy = arena_copy(&it->arena, view);
	pdf_bytes_unmap(view);
	return copy;
}

static size_t last_of(struct str in, struct str what)
{
	size_t at = 0;
	for (ptrdiff_t next; (next = str_find(str_slice(in, at + 1, in.len), what)) >= 0;)
		at += (size_t)next + 1;
	assert_true(at > 0);
	return at;
}

/* Signs by the last value that is there. */
static void sign(struct pdf_fixture *it)
{
	const struct pdf_signing signing = {.name = STR("Somebody Else"),
					    .at_ms = pdf_fixture_now_ms};
	struct str bytes = copy_of(it);
	size_t at = last_of(bytes, STR(DUMMY)), from = at + sizeof(DUMMY) - 2;
	size_t until = from + 2 * CONTENTS_BYTES + 2;
	struct str range = arena_printf(&it->arena, "/ByteRange[0 %010zu %010zu %010zu]", from,
					until, bytes.len - until);
	memcpy((char *)bytes.data + at, range.data, range.len);
	struct pdf_open open = {.document = made_bytes(bytes),
				.hole_from = (int64_t)from,
				.hole_until = (int64_t)until};
	assert_int_equal(pdf_fixture_close(it, &signing, &open), OK);
	pdf_fixture_take(it, open.document);
}

static void make(struct pdf_fixture *it, const char *rules, const char *other)
{
	const struct made_pdf made = {
		.name = "signed by somebody else",
		.catalog = "/AcroForm<</Fields[4 0 R]/SigFlags 3>>",
		.page = "/Annots[4 0 R]",
		.objects = {"<</Type/Annot/Subtype/Widget/FT/Sig/T(theirs)/Rect[0 0 0 0]/F 132"
			    "/P 10 0 R/V 5 0 R>>",
			    value(it, rules), other}};
	pdf_fixture_take(it, made_pdf(&made));
}

void foreign_make(struct pdf_fixture *it, const char *rules, const char *other)
{
	make(it, rules, other);
	sign(it);
}

/* One of the table's lines as 6 bytes: its kind, where, its generation. */
static void add_entry(struct buf *out, struct str line)
{
	size_t offset;
	char kind;
	assert_int_equal(sscanf(line.data, "%10zu %*5d %c", &offset, &kind), 2);
	buf_add_char(out, kind == 'n');
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_char(out, (char)(offset >> shift));
	buf_add_char(out, 0);
}

void foreign_make_streamed(struct pdf_fixture *it)
{
	enum { LINE_BYTES = 20 };
	CLEANUP_BUF struct buf out;
	int count;
	make(it, "", NULL);
	struct str bytes = copy_of(it);
	size_t table = last_of(bytes, STR("\nxref\n")) + 1;
	struct str rest = str_slice(bytes, table + 7, bytes.len);
	assert_int_equal(sscanf(rest.data, "%d\n", &count), 1);
	rest = str_slice(rest, (size_t)str_find_char(rest, '\n') + 1, rest.len);
	buf_init(&out, 1 << 20);
	buf_add(&out, str_slice(bytes, 0, table));
	buf_addf(&out,
		 "%d 0 obj\n<</Type/XRef/Size %d/Root 1 0 R/W[1 4 1]/Index[0 %d]/Length %d>>\n"
		 "stream\n",
		 count, count + 1, count, 6 * count);
	for (int i = 0; i < count; i++)
		add_entry(&out, str_slice(rest, (size_t)i * LINE_BYTES, rest.len));
	buf_addf(&out, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", table);
	pdf_fixture_take(it, made_bytes(buf_str(&out)));
	sign(it);
}

static void add(struct pdf_fixture *it, struct buf *out, size_t offsets[OBJECTS_MAX],
		const struct foreign_object *object)
{
	assert_true(object->number < OBJECTS_MAX);
	offsets[object->number] = (size_t)it->document.bytes + out->len;
	buf_addf(out, "%d 0 obj\n%s\nendobj\n", object->number, object->body);
}

static void finish(struct pdf_fixture *it, struct buf *out, const size_t offsets[OBJECTS_MAX])
{
	struct str bytes = copy_of(it);
	struct str last = str_slice(bytes, last_of(bytes, STR("startxref\n")) + 10, bytes.len);
	size_t xref = bytes.len + out->len, size = OBJECTS_MAX;
	buf_add(out, STR("xref\n"));
	for (int i = 0; i < OBJECTS_MAX; i++)
		if (offsets[i] > 0)
			buf_addf(out, "%d 1\n%010zu 00000 n \n", i, offsets[i]);
	last.len = (size_t)str_find_char(last, '\n');
	buf_addf(out, "trailer\n<</Size %zu/Root 1 0 R/Prev %.*s>>\nstartxref\n%zu\n%%%%EOF\n",
		 size, STR_ARGS(last), xref);
	assert_int_equal(out->err, OK);
	assert_int_equal(pdf_bytes_add(&it->document, buf_str(out)), OK);
}

void foreign_add(struct pdf_fixture *it, const struct foreign_object *objects)
{
	foreign_add_signed(it, objects, 0);
}

void foreign_add_signed(struct pdf_fixture *it, const struct foreign_object *objects, int number)
{
	CLEANUP_BUF struct buf out;
	size_t offsets[OBJECTS_MAX] = {0};
	buf_init(&out, LIMIT_PDF_BYTES);
	buf_add_char(&out, '\n');
	for (; objects->number > 0; objects++)
		add(it, &out, offsets, objects);
	if (number > 0) {
		struct str field = arena_printf(
			&it->arena,
			"<</Type/Annot/Subtype/Widget/FT/Sig/T(theirs%d)/Rect[0 0 0 0]/F 132"
			"/P 10 0 R/V %d 0 R>>",
			number, number + 1);
		add(it, &out, offsets, &(struct foreign_object){number, field.data});
		add(it, &out, offsets, &(struct foreign_object){number + 1, value(it, "")});
	}
	finish(it, &out, offsets);
	if (number > 0)
		sign(it);
}
