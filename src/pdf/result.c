#include "pdf/result.h"

#include "base/log.h"

#include <string.h>
#include <sys/stat.h>

static enum err nonsense(const char *what)
{
	log_event(LOG_ERROR, "pdf.nonsense", LOG_CSTR("what", what));
	return ERR_INTERNAL;
}

static enum err check_length(const struct pdf_bytes *output, const struct job_output *answer)
{
	struct stat facts;
	if (fstat(output->fd, &facts) != 0 || facts.st_size != answer->bytes)
		return nonsense("length");
	return OK;
}

static enum err add_all(struct pdf_bytes *to, const struct pdf_bytes *from)
{
	struct str view;
	TRY(pdf_bytes_map(from, &view));
	enum err err = pdf_bytes_add(to, view);
	pdf_bytes_unmap(view);
	return err;
}

static enum err join(const struct pdf_bytes *before, const struct pdf_bytes *tail,
		     struct pdf_bytes *ret)
{
	struct pdf_bytes whole;
	TRY(pdf_bytes_new(&whole));
	enum err err = add_all(&whole, before);
	if (err == OK)
		err = add_all(&whole, tail);
	if (err != OK) {
		pdf_bytes_free(&whole);
		return err;
	}
	*ret = whole;
	return OK;
}

static enum err check_header(const struct pdf_bytes *document)
{
	struct str view;
	TRY(pdf_bytes_map(document, &view));
	bool is_pdf = str_starts_with(view, STR("%PDF-"));
	pdf_bytes_unmap(view);
	return is_pdf ? OK : nonsense("header");
}

enum err result_assemble(const struct pdf_bytes *before, struct pdf_bytes *output,
			 const struct job_output *answer, struct pdf_bytes *ret)
{
	enum err err = check_length(output, answer);
	output->bytes = err == OK ? answer->bytes : 0;
	if (err == OK && answer->is_tail)
		err = join(before, output, ret);
	else if (err == OK)
		err = check_header(output);
	if (err != OK || answer->is_tail) {
		pdf_bytes_free(output);
		return err;
	}
	*ret = *output;
	*output = (struct pdf_bytes){.fd = -1};
	return OK;
}

static void skip_blanks(struct str *rest)
{
	while (rest->len > 0 && memchr(" \r\n\t", rest->data[0], 4))
		*rest = str_slice(*rest, 1, rest->len);
}

static bool take_number(struct str *rest, int64_t *ret)
{
	size_t digits = 0;
	skip_blanks(rest);
	while (digits < rest->len && rest->data[digits] >= '0' && rest->data[digits] <= '9')
		digits++;
	bool is_number = digits > 0 && str_to_int(str_slice(*rest, 0, digits), ret);
	*rest = str_slice(*rest, digits, rest->len);
	return is_number;
}

/* "[0 100 300 50]" */
static bool read_range(struct str rest, int64_t ret[4])
{
	skip_blanks(&rest);
	if (!str_starts_with(rest, STR("[")))
		return false;
	rest = str_slice(rest, 1, rest.len);
	for (int i = 0; i < 4; i++)
		if (!take_number(&rest, &ret[i]))
			return false;
	skip_blanks(&rest);
	return str_starts_with(rest, STR("]"));
}

static bool is_empty_hole(struct str hole)
{
	if (hole.len < 4 || hole.len % 2 != 0 || hole.data[0] != '<' ||
	    hole.data[hole.len - 1] != '>')
		return false;
	for (size_t i = 1; i + 1 < hole.len; i++)
		if (hole.data[i] != '0')
			return false;
	return true;
}

static bool is_contents(struct str document, int64_t from)
{
	const struct str name = STR("/Contents");
	struct str before = str_slice(document, 0, (size_t)from);
	while (before.len > 0 && before.data[before.len - 1] == ' ')
		before.len--;
	return str_ends_with(before, name);
}

enum err result_find_hole(struct str document, int64_t before, struct result_hole *ret)
{
	const struct str name = STR("/ByteRange");
	struct str tail = str_slice(document, (size_t)before, document.len);
	ptrdiff_t at = str_find(tail, name);
	int64_t range[4];
	if (at < 0)
		return nonsense("no range");
	tail = str_slice(tail, (size_t)at + name.len, tail.len);
	if (str_find(tail, name) >= 0)
		return nonsense("two ranges");
	if (!read_range(tail, range))
		return nonsense("range");
	int64_t whole = (int64_t)document.len, from = range[1], until = range[2];
	if (range[0] != 0 || from <= before || until <= from || until > whole ||
	    range[3] != whole - until)
		return nonsense("range");
	struct str hole = str_slice(document, (size_t)from, (size_t)(until - from));
	if (!is_empty_hole(hole) || !is_contents(document, from))
		return nonsense("hole");
	*ret = (struct result_hole){.from = from, .until = until};
	return OK;
}
