/* A document with a signature's place open: what is signed, and putting the signature in. */
#include "crypto/hashing.h"
#include "pdf/pdf.h"

#include <unistd.h>

static void hash_around(struct str document, const struct pdf_open *open, struct hashing *hashing)
{
	hashing_add(hashing, str_slice(document, 0, (size_t)open->hole_from));
	hashing_add(hashing, str_slice(document, (size_t)open->hole_until, document.len));
}

enum err pdf_open_digest(const struct pdf_open *open, uint8_t ret_sha256[32])
{
	struct hashing *hashing;
	struct str document;
	TRY(hashing_new(HASH_SHA256, &hashing));
	enum err err = pdf_bytes_map(&open->document, &document);
	if (err == OK) {
		hash_around(document, open, hashing);
		hashing_result(hashing, ret_sha256);
		pdf_bytes_unmap(document);
	}
	hashing_free(hashing);
	return err;
}

/* Two digits a byte; what is left of the hole stays as it is: zeros, after the end of what the
 * signature itself says is its length. */
enum err pdf_open_close(struct pdf_open *open, struct str cms)
{
	static const char digits[] = "0123456789abcdef";
	char piece[1024];
	int64_t room = (open->hole_until - open->hole_from - 2) / 2, at = open->hole_from + 1;
	if (cms.len > (size_t)room)
		return ERR_TOO_LARGE;
	while (cms.len > 0) {
		size_t bytes = cms.len < sizeof(piece) / 2 ? cms.len : sizeof(piece) / 2;
		for (size_t i = 0; i < bytes; i++) {
			uint8_t byte = (uint8_t)cms.data[i];
			piece[2 * i] = digits[byte >> 4];
			piece[2 * i + 1] = digits[byte & 15];
		}
		if (pwrite(open->document.fd, piece, 2 * bytes, at) != (ssize_t)(2 * bytes))
			return ERR_UNAVAILABLE;
		at += (int64_t)(2 * bytes);
		cms = str_slice(cms, bytes, cms.len);
	}
	return OK;
}
