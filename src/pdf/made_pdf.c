#include "pdf/made_pdf.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

enum { ROOT = 1, PAGES = 2, FONT = 3, FIRST_OWN = 4, OWN_COUNT = 6, OBJECTS_MAX = 3100000 };

struct writer {
	struct buf *out;
	size_t *offsets; /* of each object; 0: there is none */
	size_t start;    /* of the header */
	int count;
};

static void begin(struct writer *writer, int number)
{
	writer->offsets[number] = writer->out->len - writer->start;
	if (number >= writer->count)
		writer->count = number + 1;
	buf_addf(writer->out, "%d 0 obj\n", number);
}

static void object(struct writer *writer, int number, const char *body)
{
	begin(writer, number);
	buf_addf(writer->out, "%s\nendobj\n", body);
}

static void stream(struct writer *writer, int number, const char *dict, struct str bytes)
{
	begin(writer, number);
	buf_addf(writer->out, "<<%s/Length %zu>>\nstream\n", dict, bytes.len);
	buf_add(writer->out, bytes);
	buf_add(writer->out, STR("\nendstream\nendobj\n"));
}

static const char *or_else(const char *given, const char *usual)
{
	return given ? given : usual;
}

static void write_page(struct writer *writer, const struct made_pdf *made, int i, int contents)
{
	begin(writer, contents - 1);
	buf_addf(writer->out,
		 "<</Type/Page/Parent %d 0 R%s/Resources<</Font<</F1 %d 0 R>>>>/Contents %d 0 R%s>>"
		 "\nendobj\n",
		 PAGES, or_else(made->media, "/MediaBox[0 0 595 842]"), FONT, contents,
		 or_else(made->page, ""));
	CLEANUP_BUF struct buf text;
	buf_init(&text, 65536);
	buf_addf(&text, "BT /F1 24 Tf 72 700 Td (Contract, page %d) Tj", i + 1);
	for (int k = 0; k < made->lines; k++)
		buf_addf(&text,
			 " /F1 9 Tf 0 -14 Td (%d.%d  Neither party owes the other more than is"
			 " written here, nor less.) Tj",
			 i + 1, k + 1);
	buf_add(&text, STR(" ET"));
	stream(writer, contents, "", buf_str(&text));
}

static void write_tree(struct writer *writer, const struct made_pdf *made, int pages, int first)
{
	begin(writer, PAGES);
	buf_addf(writer->out, "<</Type/Pages/Count %d%s/Kids[", made->count ? made->count : pages,
		 or_else(made->tree, ""));
	for (int i = 0; i < pages; i++)
		buf_addf(writer->out, "%d 0 R ", first + 2 * i);
	buf_add(writer->out, STR("]>>\nendobj\n"));
}

static void write_end(struct writer *writer, const struct made_pdf *made)
{
	size_t xref = writer->out->len - writer->start;
	buf_addf(writer->out, "xref\n0 %d\n", writer->count);
	for (int i = 0; i < writer->count; i++)
		buf_addf(writer->out, "%010zu %05d %c \n", writer->offsets[i],
			 writer->offsets[i] ? 0 : 65535, writer->offsets[i] ? 'n' : 'f');
	buf_addf(writer->out, "trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%zu\n%%%%EOF\n",
		 writer->count, ROOT, or_else(made->trailer, ""), xref + (size_t)made->shift_xref);
}

static void write_nest(struct writer *writer, int number)
{
	enum { DEPTH = 200000 };
	begin(writer, number);
	for (int i = 0; i < DEPTH; i++)
		buf_add_char(writer->out, '[');
	for (int i = 0; i < DEPTH; i++)
		buf_add_char(writer->out, ']');
	buf_add(writer->out, STR("\nendobj\n"));
}

static void write_chain(struct writer *writer, int count, int first)
{
	for (int i = 0; i < count; i++) {
		begin(writer, first + i);
		buf_addf(writer->out, "<</Next %d 0 R>>\nendobj\n", first + i + 1);
	}
}

/* A gigabyte of zeros, packed twice: two kilobytes. An image of so many points. */
static void write_bomb(struct writer *writer, int number)
{
	enum { PIECE = 1 << 20, PIECES = 1024 };
	static uint8_t zeros[PIECE];
	z_stream zip = {0};
	uLongf twice_len = 1 << 20;
	uint8_t *once = malloc(2 * PIECE), *twice = malloc(twice_len);
	assert_non_null(once);
	assert_non_null(twice);
	assert_int_equal(deflateInit(&zip, 9), Z_OK);
	zip.next_out = once;
	zip.avail_out = 2 * PIECE;
	for (int i = 0; i < PIECES; i++) {
		zip.next_in = zeros;
		zip.avail_in = PIECE;
		assert_int_equal(deflate(&zip, i + 1 < PIECES ? Z_NO_FLUSH : Z_FINISH),
				 i + 1 < PIECES ? Z_OK : Z_STREAM_END);
	}
	assert_int_equal(compress2(twice, &twice_len, once, zip.total_out, 9), Z_OK);
	deflateEnd(&zip);
	stream(writer, number,
	       "/Type/ObjStm/N 100000/First 900000000/Filter[/FlateDecode/FlateDecode]",
	       str_bytes(twice, twice_len));
	free(once);
	free(twice);
}

void made_pdf_write(const struct made_pdf *made, struct buf *ret)
{
	int pages = made->pages ? made->pages : 1, next = FIRST_OWN + OWN_COUNT;
	struct writer writer = {.out = ret, .offsets = calloc(OBJECTS_MAX, sizeof(size_t))};
	assert_non_null(writer.offsets);
	buf_add(ret, str_of(or_else(made->before, "")));
	writer.start = ret->len;
	buf_add(ret, STR("%PDF-1.7\n%\xc3\xa4\xc3\xbc\n"));
	begin(&writer, ROOT);
	buf_addf(ret, "<</Type/Catalog/Pages %d 0 R%s>>\nendobj\n", PAGES,
		 or_else(made->catalog, ""));
	object(&writer, FONT, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
	for (int i = 0; i < OWN_COUNT && made->objects[i]; i++)
		object(&writer, FIRST_OWN + i, made->objects[i]);
	if (made->is_nested)
		write_nest(&writer, FIRST_OWN);
	if (made->is_bomb)
		write_bomb(&writer, FIRST_OWN);
	write_tree(&writer, made, pages, next);
	for (int i = 0; i < pages; i++)
		write_page(&writer, made, i, next + 2 * i + 1);
	write_chain(&writer, made->chain, next + 2 * pages);
	write_end(&writer, made);
	free(writer.offsets);
	if ((size_t)made->cut_bytes < ret->len)
		ret->len -= (size_t)made->cut_bytes;
	assert_int_equal(ret->err, OK);
}

struct pdf_bytes made_bytes(struct str bytes)
{
	struct pdf_bytes document;
	assert_int_equal(pdf_bytes_new(&document), OK);
	assert_int_equal(pdf_bytes_add(&document, bytes), OK);
	return document;
}

struct pdf_bytes made_pdf(const struct made_pdf *made)
{
	CLEANUP_BUF struct buf bytes;
	buf_init(&bytes, LIMIT_PDF_BYTES);
	made_pdf_write(made, &bytes);
	return made_bytes(buf_str(&bytes));
}
