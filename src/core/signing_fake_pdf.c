/* For tests: documents without a worker, as text that says what was done to them, so that the
 * engine can be tried thousands of times. What begins with %PDF has two pages of Letter; "LOCKED"
 * in it needs a password. The signatures are real. */
#include "core/signing_fake_pdf.h"
#include "base/buf.h"
#include "crypto/cms.h"

#include <stdlib.h>
#include <string.h>

_Atomic int signing_fake_calls;
_Atomic bool signing_fake_is_broken;
_Atomic bool signing_fake_picture_is_bad;
static void (*before_open)(void *argument);
static void *before_open_argument;

void signing_fake_before_open(void (*call)(void *argument), void *argument)
{
	before_open = call;
	before_open_argument = argument;
}

static enum err look(const struct pdf_bytes *document, enum pdf_refusal *ret_refusal)
{
	struct str view;
	signing_fake_calls++;
	if (signing_fake_is_broken)
		return ERR_INTERNAL;
	TRY(pdf_bytes_map(document, &view));
	*ret_refusal = PDF_FINE;
	if (!str_starts_with(view, STR("%PDF")))
		*ret_refusal = PDF_NOT_A_PDF;
	else if (str_find(view, STR("LOCKED")) >= 0)
		*ret_refusal = PDF_NEEDS_PASSWORD;
	pdf_bytes_unmap(view);
	return *ret_refusal == PDF_FINE ? OK : ERR_INVALID;
}

enum err pdf_inspect(struct pdf_workers *workers, const struct pdf_bytes *document,
		     struct arena *arena, struct pdf_facts *ret, enum pdf_refusal *ret_refusal)
{
	(void)workers;
	TRY(look(document, ret_refusal));
	*ret = (struct pdf_facts){.page_count = 2};
	ret->pages = ARENA_ARRAY(arena, ret->page_count, struct pdf_page_size);
	if (ret->pages == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < ret->page_count; i++)
		ret->pages[i] = (struct pdf_page_size){.width = 612, .height = 792};
	return OK;
}

static enum err append(const struct pdf_bytes *to, const struct buf *added, struct pdf_bytes *ret)
{
	struct pdf_bytes made;
	struct str view;
	TRY(added->err);
	TRY(pdf_bytes_new(&made));
	enum err err = pdf_bytes_map(to, &view);
	if (err == OK) {
		err = pdf_bytes_add(&made, view);
		pdf_bytes_unmap(view);
	}
	if (err == OK)
		err = pdf_bytes_add(&made, buf_str(added));
	if (err != OK)
		pdf_bytes_free(&made);
	else
		*ret = made;
	return err;
}

enum { ADDED_BYTES = 1 << 20, PLACES = 4 };

enum err pdf_prepare(struct pdf_workers *workers, const struct pdf_bytes *document,
		     const struct pdf_plan *plan, struct pdf_bytes *ret,
		     enum pdf_refusal *ret_refusal)
{
	struct buf added;
	(void)workers;
	TRY(look(document, ret_refusal));
	buf_init(&added, ADDED_BYTES);
	buf_addf(&added, "\nPREPARED %d signers %d fields\n", (int)plan->signer_count,
		 (int)plan->field_count);
	enum err err = append(document, &added, ret);
	buf_release(&added);
	return err;
}

static void describe(struct buf *out, const struct pdf_signing *signing)
{
	static const char *const kinds[] = {"", "CERTIFIED", "SIGNED", "SEALED"};
	buf_addf(out, "\n%s %d by %.*s:", kinds[signing->kind], (int)signing->signer,
		 STR_ARGS(signing->name));
	for (size_t i = 0; i < signing->mark_count; i++) {
		const struct pdf_mark *mark = &signing->marks[i];
		buf_addf(out, " [%.*s=%.*s%s]", STR_ARGS(mark->field_id), STR_ARGS(mark->text),
			 mark->png.len > 0 ? "PNG" : "");
	}
	buf_addf(out, "\n%.*s\n", STR_ARGS(signing->trail));
}

static enum err add_hole(const struct pdf_bytes *document, struct buf *added, struct pdf_open *ret)
{
	struct pdf_open open = {.hole_from = document->bytes + (int64_t)added->len};
	buf_add_char(added, '<');
	char *zeros = buf_reserve(added, 2 * (size_t)CMS_MAX_BYTES);
	if (zeros == NULL)
		return added->err;
	memset(zeros, '0', 2 * (size_t)CMS_MAX_BYTES);
	added->len += 2 * (size_t)CMS_MAX_BYTES;
	buf_add_char(added, '>');
	open.hole_until = document->bytes + (int64_t)added->len;
	TRY(append(document, added, &open.document));
	*ret = open;
	return OK;
}

enum err pdf_open_signature(struct pdf_workers *workers, const struct pdf_bytes *document,
			    const struct pdf_signing *signing, struct pdf_open *ret,
			    enum pdf_refusal *ret_refusal)
{
	struct buf added;
	(void)workers;
	if (before_open)
		before_open(before_open_argument);
	TRY(look(document, ret_refusal));
	for (size_t i = 0; i < signing->mark_count && signing_fake_picture_is_bad; i++) {
		if (signing->marks[i].png.len == 0)
			continue;
		*ret_refusal = PDF_BAD_IMAGE;
		return ERR_INVALID;
	}
	buf_init(&added, ADDED_BYTES);
	describe(&added, signing);
	enum err err = add_hole(document, &added, ret);
	buf_release(&added);
	return err;
}

enum err pdf_signatures(struct pdf_workers *workers, const struct pdf_bytes *document,
			struct arena *arena, struct pdf_signatures *ret,
			enum pdf_refusal *ret_refusal)
{
	(void)workers, (void)document, (void)arena, (void)ret, (void)ret_refusal;
	return ERR_UNAVAILABLE;
}

struct pdf_workers *signing_fake_workers(void)
{
	static struct pdf_workers *workers; /* for the whole program */
	if (workers == NULL && pdf_workers_new(STR("none"), PLACES, &workers) != OK)
		abort();
	return workers;
}
