#include "base/limits.h"
#include "core/signing_keys.h"
#include "core/verify.h"
#include "server/command.h"
#include "server/options.h"
#include "server/pdf_program.h"
#include "server/read_file.h"
#include "server/verify_say.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 256 << 20, CHUNK_BYTES = 1 << 20 };

struct trust {
	struct verify_known *known;
	size_t count;
	enum verify_named named;
};

static bool complain(struct arena *arena, enum text_id id, struct str file)
{
	COMPLAIN(arena, id, TEXT_ARG("file", file),
		 TEXT_ARG("size", format_size(arena, language_find(STR("en")), LIMIT_PDF_BYTES)));
	return false;
}

/* ---- the document ---- */

static void close_file(int *file)
{
	if (*file >= 0)
		close(*file);
}

static enum err add_all(int file, struct pdf_bytes *to)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 2 * CHUNK_BYTES);
	char *chunk = arena_alloc(&arena, CHUNK_BYTES);
	if (chunk == NULL)
		return ERR_UNAVAILABLE;
	for (;;) {
		ssize_t got = read(file, chunk, CHUNK_BYTES);
		if (got < 0)
			return ERR_INVALID;
		if (got == 0)
			return OK;
		TRY(pdf_bytes_add(to, str_bytes(chunk, (size_t)got)));
	}
}

/* ERR_INVALID: it cannot be read. */
static enum err read_document(struct arena *arena, struct str path, struct pdf_bytes *ret)
{
	__attribute__((cleanup(close_file))) int file =
		open(arena_cstr(arena, path), O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return ERR_INVALID;
	TRY(pdf_bytes_new(ret));
	enum err err = add_all(file, ret);
	if (err != OK)
		pdf_bytes_free(ret);
	return err;
}

/* ---- who is known ---- */

static bool know_certificate(struct arena *arena, struct str path, struct trust *trust)
{
	struct str bytes;
	struct certificate_facts facts;
	trust->known = ARENA_NEW(arena, struct verify_known);
	if (trust->known == NULL || read_file(arena, path, LIMIT_PKCS12_BYTES, &bytes) != OK ||
	    certificate_read_facts(bytes, arena, &facts) != OK)
		return complain(arena, TEXT_VERIFY_CERTIFICATE_UNREADABLE, path);
	memcpy(trust->known->sha256, facts.sha256, sizeof(facts.sha256));
	trust->count = 1;
	trust->named = VERIFY_NAMED_CERTIFICATE;
	return true;
}

static enum err take_portals(struct cx *cx, struct trust *trust)
{
	struct signing_key_view *views;
	size_t count;
	TRY(signing_keys_all(cx, &views, &count));
	trust->known = ARENA_ARRAY(cx->arena, count + 1, struct verify_known);
	if (trust->known == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		memcpy(trust->known[i].sha256, views[i].facts.sha256, 32);
	trust->count = count;
	trust->named = VERIFY_NAMED_PORTAL;
	return OK;
}

static bool know_portal(struct arena *arena, const struct command_line *line, struct trust *trust)
{
	struct portal *portal;
	if (!options_open_portal(line, &portal))
		return false;
	struct cx cx = {.arena = arena, .portal = portal, .language = language_find(STR("en"))};
	enum err err = take_portals(&cx, trust);
	portal_close(portal);
	if (err != OK)
		options_complain_of_portal(line, err);
	return err == OK;
}

/* ---- */

static bool complain_of_refusal(struct arena *arena, struct str file, enum pdf_refusal refusal)
{
	switch (refusal) {
	case PDF_NOT_A_PDF: return complain(arena, TEXT_VERIFY_REFUSED_NO_PDF, file);
	case PDF_DAMAGED: return complain(arena, TEXT_VERIFY_REFUSED_DAMAGED, file);
	case PDF_NEEDS_PASSWORD: return complain(arena, TEXT_VERIFY_REFUSED_LOCKED, file);
	case PDF_TOO_HEAVY: return complain(arena, TEXT_VERIFY_REFUSED_HEAVY, file);
	default: return complain(arena, TEXT_VERIFY_REFUSED_OTHER, file);
	}
}

static bool check(struct arena *arena, struct pdf_workers *workers, struct str file,
		  const struct trust *trust, struct verify_report *ret)
{
	struct pdf_bytes document;
	enum pdf_refusal refusal = PDF_FINE;
	enum err err = read_document(arena, file, &document);
	if (err != OK)
		return complain(arena,
				err == ERR_TOO_LARGE ? TEXT_VERIFY_FILE_LARGE
						     : TEXT_VERIFY_FILE_UNREADABLE,
				file);
	err = verify_document(workers, &document, trust->known, trust->count,
			      clock_now_ms(&clock_system), arena, ret, &refusal);
	pdf_bytes_free(&document);
	if (err == ERR_INVALID)
		return complain_of_refusal(arena, file, refusal);
	return err == OK || complain(arena, TEXT_VERIFY_FAILED, file);
}

static int verify(struct arena *arena, struct str file, const struct trust *trust, bool is_json)
{
	struct pdf_workers *workers;
	struct str program = STR_NONE;
	struct verify_report report;
	if (pdf_program_workers(arena, &workers, &program) != OK) {
		COMPLAIN(arena, TEXT_VERIFY_NO_WORKER, TEXT_ARG("program", program));
		return EXIT_FAILURE;
	}
	bool is_checked = check(arena, workers, file, trust, &report);
	pdf_workers_free(workers);
	if (!is_checked)
		return EXIT_FAILURE;
	const struct verify_said said = {arena, language_find(STR("en")), file, trust->named,
					 &report};
	if (is_json)
		verify_say_json(&said);
	else
		verify_say(&said);
	return verify_exit_status(&said);
}

int command_verify(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	struct str certificate = STR_NONE;
	bool is_json = false;
	const struct option options[] = {
		{"certificate", &certificate}, {"json", NULL, &is_json}, {NULL, NULL}};
	struct command_line line;
	struct trust trust = {0};
	arena_init(&arena, ARENA_BYTES);
	if (!options_read_anywhere(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	bool is_clear =
		line.argument_count == 1 && (line.data_dir.len == 0 || certificate.len == 0);
	if (line.wants_help || !is_clear) {
		options_say(TEXT_VERIFY_USAGE);
		return line.wants_help ? EXIT_SUCCESS : EXIT_USAGE;
	}
	if (certificate.len > 0 && !know_certificate(&arena, certificate, &trust))
		return EXIT_FAILURE;
	if (line.data_dir.len > 0 && !know_portal(&arena, &line, &trust))
		return EXIT_FAILURE;
	return verify(&arena, line.arguments[0], &trust, is_json);
}
