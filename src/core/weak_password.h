/* Whether a password is among the first that somebody would try (NIST 800-63B-4 3.1.1.2). Pure: no
 * portal, no sentences. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum weakness {
	WEAKNESS_NONE,
	WEAKNESS_REPEATED,  /* one short piece over and over: "abcabcabcabc" */
	WEAKNESS_SEQUENCE,  /* runs along the alphabet, digits or keyboard: "1qaz2wsx3edc" */
	WEAKNESS_OWN_WORDS, /* nothing but the person's or portal's words and digits */
	WEAKNESS_COMMON, /* of common_passwords.txt, as it is or with digits and signs around it */
};

/* password: NFC. own: texts to take words from (name, address, portal's name). Letters' case and
 * the usual exchange of letters for digits ("p4ssw0rd") make no difference. ERR_UNAVAILABLE without
 * memory. */
enum err weak_password_look(struct arena *arena, struct str password, const struct str *own,
			    size_t own_count, enum weakness *ret) MUST_CHECK;
