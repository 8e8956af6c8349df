/* Signatures in documents of whatever origin. */
#include "crypto/cms.h"

#include "crypto/secret.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
	if (!is_true)
		abort();
}

/* What those of the corpus are of. */
static const struct str covered[2] = {{"The document, ", 14}, {"as it is signed.", 16}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;
	if (!is_ready)
		check(crypto_init() == OK);
	is_ready = true;

	struct arena arena;
	struct cms_facts facts;
	struct str cms = str_bytes(data, size), stamped;
	uint8_t sha256[32];
	arena_init(&arena, 8 << 20);
	check(cms_verify(cms, covered, &arena, &facts) == OK);
	check(facts.verdict >= CMS_GOOD && facts.verdict <= CMS_WEAK);
	check(facts.stamped_ms == 0 || !facts.has_bad_stamp);
	enum err err = cms_signature_digest(cms, sha256);
	check(err == OK || err == ERR_CORRUPT);
	err = cms_add_timestamp(&arena, cms, STR("\x30\x00"), &stamped);
	check(err == OK || err == ERR_CORRUPT || err == ERR_TOO_LARGE);
	arena_release(&arena);
	return 0;
}
