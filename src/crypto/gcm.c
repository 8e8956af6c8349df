#include "crypto/gcm.h"

#include "base/log.h"

#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/* Setting up a context costs more than a short text does, so each thread keeps one for each
 * direction: fetched and allocated at its first use, freed when the thread ends. */
struct contexts {
	EVP_CIPHER_CTX *encrypt;
	EVP_CIPHER_CTX *decrypt;
	bool is_encrypt_used, is_decrypt_used; /* hold a key */
};

static pthread_once_t setup_once = PTHREAD_ONCE_INIT;
static pthread_key_t setup_key;
static EVP_CIPHER *setup_cipher;
static _Thread_local struct contexts *own;
static _Thread_local int batches; /* begun, one within the other */

static void contexts_free(void *data)
{
	struct contexts *contexts = data;
	EVP_CIPHER_CTX_free(contexts->encrypt);
	EVP_CIPHER_CTX_free(contexts->decrypt);
	OPENSSL_free(contexts);
	own = NULL;
}

static void setup(void)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (cipher && pthread_key_create(&setup_key, contexts_free) == 0)
		setup_cipher = cipher;
	else
		EVP_CIPHER_free(cipher);
}

static enum err contexts_get(struct contexts **ret)
{
	if (own == NULL) {
		pthread_once(&setup_once, setup);
		if (setup_cipher == NULL) {
			log_event(LOG_ERROR, "gcm.no_cipher");
			return ERR_INTERNAL;
		}
		struct contexts *contexts = OPENSSL_zalloc(sizeof(*contexts));
		if (contexts == NULL)
			return ERR_UNAVAILABLE;
		contexts->encrypt = EVP_CIPHER_CTX_new();
		contexts->decrypt = EVP_CIPHER_CTX_new();
		if (contexts->encrypt == NULL || contexts->decrypt == NULL ||
		    !EVP_EncryptInit_ex2(contexts->encrypt, setup_cipher, NULL, NULL, NULL) ||
		    !EVP_DecryptInit_ex2(contexts->decrypt, setup_cipher, NULL, NULL, NULL) ||
		    pthread_setspecific(setup_key, contexts) != 0) {
			contexts_free(contexts);
			return ERR_UNAVAILABLE;
		}
		own = contexts;
	}
	*ret = own;
	return OK;
}

static void forget_key(EVP_CIPHER_CTX *context, bool *is_used)
{
	static const uint8_t zero[KEY_BYTES];
	if (*is_used)
		EVP_CipherInit_ex2(context, NULL, zero, NULL, -1, NULL);
	*is_used = false;
}

/* The key schedule lies in OpenSSL's ordinary memory; a zero key takes its place until the next
 * call. That costs as much as setting the key did. */
static void forget_keys(void)
{
	if (batches > 0 || own == NULL)
		return;
	forget_key(own->encrypt, &own->is_encrypt_used);
	forget_key(own->decrypt, &own->is_decrypt_used);
}

void gcm_batch_begin(void)
{
	batches++;
}

void gcm_batch_end(void)
{
	batches--;
	forget_keys();
}

static const uint8_t *bytes_of(struct str s)
{
	return (const uint8_t *)s.data;
}

static bool encrypt(EVP_CIPHER_CTX *context, struct str data, struct str plain, uint8_t *out)
{
	int len;
	if (data.len > 0 && !EVP_EncryptUpdate(context, NULL, &len, bytes_of(data), (int)data.len))
		return false;
	if (plain.len > 0 &&
	    !EVP_EncryptUpdate(context, out, &len, bytes_of(plain), (int)plain.len))
		return false;
	return EVP_EncryptFinal_ex(context, out + plain.len, &len) &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_BYTES, out + plain.len);
}

static bool decrypt(EVP_CIPHER_CTX *context, struct str data, struct str cipher, uint8_t *tag,
		    uint8_t *out)
{
	int len;
	if (data.len > 0 && !EVP_DecryptUpdate(context, NULL, &len, bytes_of(data), (int)data.len))
		return false;
	if (cipher.len > 0 &&
	    !EVP_DecryptUpdate(context, out, &len, bytes_of(cipher), (int)cipher.len))
		return false;
	return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_BYTES, tag) &&
	       EVP_DecryptFinal_ex(context, out + cipher.len, &len) == 1;
}

enum err gcm_encrypt(const struct secret *key, const uint8_t nonce[GCM_NONCE_BYTES],
		     struct str data, struct str plain, uint8_t *ret_cipher_and_tag)
{
	if (plain.len > INT_MAX || data.len > INT_MAX)
		return ERR_TOO_LARGE;
	struct contexts *contexts;
	TRY(contexts_get(&contexts));
	contexts->is_encrypt_used = true;
	bool is_done = EVP_EncryptInit_ex2(contexts->encrypt, NULL, key->bytes, nonce, NULL) &&
		       encrypt(contexts->encrypt, data, plain, ret_cipher_and_tag);
	forget_keys();
	if (is_done)
		return OK;
	log_event(LOG_ERROR, "gcm.encrypt_failed");
	return ERR_INTERNAL;
}

enum err gcm_decrypt(const struct secret *key, const uint8_t nonce[GCM_NONCE_BYTES],
		     struct str data, struct str cipher_and_tag, uint8_t *ret_plain)
{
	if (cipher_and_tag.len < GCM_TAG_BYTES || cipher_and_tag.len > INT_MAX ||
	    data.len > INT_MAX)
		return ERR_CORRUPT;
	struct contexts *contexts;
	TRY(contexts_get(&contexts));
	struct str cipher = str_slice(cipher_and_tag, 0, cipher_and_tag.len - GCM_TAG_BYTES);
	uint8_t tag[GCM_TAG_BYTES];
	memcpy(tag, cipher_and_tag.data + cipher.len, sizeof(tag));
	contexts->is_decrypt_used = true;
	bool is_genuine = EVP_DecryptInit_ex2(contexts->decrypt, NULL, key->bytes, nonce, NULL) &&
			  decrypt(contexts->decrypt, data, cipher, tag, ret_plain);
	forget_keys();
	if (is_genuine)
		return OK;
	if (cipher.len > 0)
		explicit_bzero(ret_plain, cipher.len);
	return ERR_CORRUPT;
}
