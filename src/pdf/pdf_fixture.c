#include "pdf/pdf_fixture.h"

#include "base/limits.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

const int64_t pdf_fixture_now_ms = INT64_C(1795445100000); /* 2026-11-23 14:45 */

int pdf_fixture_begin(void **state)
{
	struct pdf_fixture *it = calloc(1, sizeof(*it));
	assert_non_null(it);
	signal(SIGPIPE, SIG_IGN);
	arena_init(&it->arena, 64 << 20);
	it->document.fd = -1;
	assert_int_equal(pdf_workers_new(STR(POSTERN_PDF), 2, &it->workers), OK);
	assert_int_equal(
		signing_authority_new(STR("Example Practice"), pdf_fixture_now_ms, &it->authority),
		OK);
	*state = it;
	return 0;
}

int pdf_fixture_end(void **state)
{
	struct pdf_fixture *it = *state;
	pdf_bytes_free(&it->document);
	pdf_workers_free(it->workers);
	signing_key_free(it->authority);
	arena_release(&it->arena);
	free(it);
	return 0;
}

void pdf_fixture_take(struct pdf_fixture *fixture, struct pdf_bytes document)
{
	pdf_bytes_free(&fixture->document);
	fixture->document = document;
}

enum err pdf_fixture_prepare(struct pdf_fixture *fixture, const struct pdf_plan *plan)
{
	struct pdf_bytes prepared;
	fixture->refusal = PDF_FINE;
	TRY(pdf_prepare(fixture->workers, &fixture->document, plan, &prepared, &fixture->refusal));
	pdf_fixture_take(fixture, prepared);
	return OK;
}

enum err pdf_fixture_close(struct pdf_fixture *fixture, const struct pdf_signing *signing,
			   struct pdf_open *open)
{
	const struct signing_subject subject = {.name = signing->name,
						.organisation = STR("Example Practice"),
						.address = STR("anna@example.com")};
	struct signing_key *key;
	struct str cms;
	uint8_t sha256[32];
	TRY(signing_key_issue(fixture->authority, &subject, signing->at_ms, &key));
	enum err err = pdf_open_digest(open, sha256);
	if (err == OK)
		err = cms_sign(key, sha256, &fixture->arena, &cms);
	if (err == OK)
		err = pdf_open_close(open, cms);
	signing_key_free(key);
	return err;
}

enum err pdf_fixture_sign(struct pdf_fixture *fixture, const struct pdf_signing *signing)
{
	struct pdf_open open;
	fixture->refusal = PDF_FINE;
	TRY(pdf_open_signature(fixture->workers, &fixture->document, signing, &open,
			       &fixture->refusal));
	assert_int_equal(pdf_fixture_close(fixture, signing, &open), OK);
	pdf_fixture_take(fixture, open.document);
	return OK;
}

struct pdf_plan pdf_fixture_plan(struct pdf_fixture *fixture, size_t signers)
{
	struct str *names = ARENA_ARRAY(&fixture->arena, signers, struct str);
	for (size_t i = 0; i < signers; i++)
		names[i] = arena_printf(&fixture->arena, "Signer %zu", i + 1);
	return (struct pdf_plan){.signers = names,
				 .signer_count = signers,
				 .title = STR("Certificate of signatures"),
				 .trail_lines = 10,
				 .wants_blocks = true};
}

void pdf_fixture_finish(struct pdf_fixture *fixture, const struct pdf_plan *plan)
{
	struct pdf_signing signing = {.kind = PDF_CERTIFY,
				      .name = STR("Example Practice"),
				      .reason = STR("Prepared for signing"),
				      .at_ms = pdf_fixture_now_ms};
	assert_int_equal(pdf_fixture_sign(fixture, &signing), OK);
	for (size_t i = 0; i < plan->signer_count; i++) {
		signing = (struct pdf_signing){.kind = PDF_SIGN,
					       .signer = (int64_t)i,
					       .name = plan->signers[i],
					       .reason = STR("I agree"),
					       .at_ms = pdf_fixture_now_ms};
		assert_int_equal(pdf_fixture_sign(fixture, &signing), OK);
	}
	signing = (struct pdf_signing){.kind = PDF_SEAL,
				       .name = STR("Example Practice"),
				       .trail = STR("Sent by Bea Example\nOpened by Signer 1\n"
						    "Signed by Signer 1 from 192.0.2.1"),
				       .at_ms = pdf_fixture_now_ms};
	assert_int_equal(pdf_fixture_sign(fixture, &signing), OK);
}

static void write_document(struct pdf_fixture *fixture, char *path)
{
	struct str view;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(pdf_bytes_map(&fixture->document, &view), OK);
	FILE *file = fdopen(fd, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(view.data, 1, view.len, file), view.len);
	assert_int_equal(fclose(file), 0);
	pdf_bytes_unmap(view);
}

/* Those that write a file write it to their standard output. */
static bool wants_output(const char *const *program)
{
	bool is_qpdf = strcmp(program[0], "qpdf") == 0;
	return strcmp(program[0], "pdftotext") == 0 ||
	       (is_qpdf && strcmp(program[1], "--check") != 0);
}

static _Noreturn void run(const char *const *program, const char *path, int out)
{
	const char *arguments[16];
	size_t count = 0;
	for (; program[count] && count < 13; count++)
		arguments[count] = program[count];
	arguments[count++] = path;
	arguments[count++] = wants_output(program) ? "-" : NULL;
	arguments[count] = NULL;
	dup2(out, 1);
	dup2(out, 2);
	execvp(program[0], (char *const *)(uintptr_t)arguments);
	_exit(127);
}

struct str pdf_fixture_ask(struct pdf_fixture *fixture, const char *const *program, int *ret_code)
{
	char path[] = "/tmp/postern-pdf-test-XXXXXX", piece[4096];
	int ends[2], status;
	ssize_t got;
	struct buf said;
	buf_init(&said, 4 << 20);
	write_document(fixture, path);
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0)
		run(program, path, ends[1]);
	close(ends[1]);
	while ((got = read(ends[0], piece, sizeof(piece))) > 0)
		buf_add(&said, str_bytes(piece, (size_t)got));
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	unlink(path);
	*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	struct str answer = arena_copy(&fixture->arena, buf_str(&said));
	buf_release(&said);
	return answer;
}

void pdf_fixture_convert(struct pdf_fixture *fixture, const char *const *program)
{
	int code;
	struct str made = pdf_fixture_ask(fixture, program, &code);
	assert_int_equal(code, 0);
	pdf_fixture_take(fixture, made_bytes(made));
}

size_t pdf_fixture_count(struct str in, struct str what)
{
	size_t count = 0;
	for (ptrdiff_t at; (at = str_find(in, what)) >= 0; count++)
		in = str_slice(in, (size_t)at + what.len, in.len);
	return count;
}

void pdf_fixture_assert_valid(struct pdf_fixture *fixture, int signatures)
{
	static const char *const program[] = {"pdfsig", "-nocert", NULL};
	int code;
	struct str said = pdf_fixture_ask(fixture, program, &code);
	size_t valid = pdf_fixture_count(said, STR("Signature is Valid."));
	size_t whole = pdf_fixture_count(said, STR("Total document signed"));
	if ((int)valid != signatures || whole < 1)
		print_error("%.*s\n", STR_ARGS(said));
	assert_int_equal(code, 0);
	assert_int_equal(valid, signatures);
	assert_int_equal(whole, 1);
}

void pdf_fixture_assert_sound(struct pdf_fixture *fixture)
{
	static const char *const program[] = {"qpdf", "--check", NULL};
	int code;
	struct str said = pdf_fixture_ask(fixture, program, &code);
	if (code != 0)
		print_error("%.*s\n", STR_ARGS(said));
	assert_int_equal(code, 0);
	assert_int_equal(pdf_fixture_count(said, STR("WARNING")), 0);
}
