/* For tests: the worker, a test authority, documents on their way to being sealed, and what other
 * programs say of them. */
#pragma once

#include "crypto/cms.h"
#include "pdf/made_pdf.h"

struct pdf_fixture {
	struct pdf_workers *workers;
	struct signing_key *authority;
	struct arena arena;
	struct pdf_bytes document; /* as it stands now */
	enum pdf_refusal refusal;  /* of the last step */
};
extern const int64_t pdf_fixture_now_ms;

int pdf_fixture_begin(void **state);
int pdf_fixture_end(void **state);
/* Takes it over. */
void pdf_fixture_take(struct pdf_fixture *fixture, struct pdf_bytes document);
enum err pdf_fixture_prepare(struct pdf_fixture *fixture, const struct pdf_plan *plan);
/* Opens, signs and closes. */
enum err pdf_fixture_sign(struct pdf_fixture *fixture, const struct pdf_signing *signing);
/* By a certificate of the test authority for whoever signs. */
enum err pdf_fixture_close(struct pdf_fixture *fixture, const struct pdf_signing *signing,
			   struct pdf_open *open);
/* A plan for so many signers, who sign on the certificate page. */
struct pdf_plan pdf_fixture_plan(struct pdf_fixture *fixture, size_t signers);
/* Certifies, signs for each, seals. */
void pdf_fixture_finish(struct pdf_fixture *fixture, const struct pdf_plan *plan);

/* Runs a program on the document (its path, which is the only thing ever written to disk, comes
 * last). What it says; its exit code. */
struct str pdf_fixture_ask(struct pdf_fixture *fixture, const char *const *program, int *ret_code);
/* The document as another program writes it. */
void pdf_fixture_convert(struct pdf_fixture *fixture, const char *const *program);
/* Of `pdfsig`: so many signatures, all valid, the last one of the whole document. */
void pdf_fixture_assert_valid(struct pdf_fixture *fixture, int signatures);
/* Of `qpdf --check`: nothing to complain about. */
void pdf_fixture_assert_sound(struct pdf_fixture *fixture);
size_t pdf_fixture_count(struct str in, struct str what);
