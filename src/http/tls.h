/* The certificate that handshakes use, exchangeable while serving. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <gnutls/abstract.h>
#include <stdbool.h>

struct tls;

/* ERR_INVALID when the files cannot be read, are no PEM or do not belong together. */
enum err tls_load(struct str cert_path, struct str key_path, struct tls **ret) MUST_CHECK;
/* Reads the files again; on an error the old certificate stays. */
enum err tls_reload(struct tls *tls) MUST_CHECK;
/* The current chain and key; they live until tls_free, as handshakes may hold older ones. */
void tls_current(const struct tls *tls, gnutls_pcert_st **ret_chain, unsigned *ret_count,
		 gnutls_privkey_t *ret_key);
/* When the current certificate ends. */
int64_t tls_ends_ms(const struct tls *tls);
/* NULL is fine. */
void tls_free(struct tls *tls);
