#include "crypto/gcm.h"

#include "crypto/gcm_wycheproof_test.h"
#include "crypto/hex_test.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* D. McGrew, J. Viega: The Galois/Counter Mode of Operation (submission to NIST, 2005), appendix B,
 * test cases 13 to 16: the AES-256 cases with 96-bit nonces. */
static const struct gcm_vector gcm_nist[] = {
	{13, "no text", "0000000000000000000000000000000000000000000000000000000000000000",
	 "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b", true},
	{14, "one block of zeros",
	 "0000000000000000000000000000000000000000000000000000000000000000",
	 "000000000000000000000000", "", "00000000000000000000000000000000",
	 "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919", true},
	{15, "four blocks", "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	 "cafebabefacedbaddecaf888", "",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
	 "b094dac5d93471bdec1a502270e3cc6c", true},
	{16, "an incomplete block, and data",
	 "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	 "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	 "76fc6ece0f4e1768cddf8853bb2d551b", true},
};

static void check_encrypt(const struct gcm_vector *row, const struct secret *key,
			  const uint8_t *nonce, struct str data, struct str plain,
			  struct str expected)
{
	uint8_t out[HEX_MAX_BYTES];
	assert_int_equal(gcm_encrypt(key, nonce, data, plain, out), OK);
	if (str_eq(str_bytes(out, plain.len + GCM_TAG_BYTES), expected) != row->is_valid)
		fail_msg("encrypting %d: %s", row->number, row->sentence);
}

static void check_decrypt(const struct gcm_vector *row, const struct secret *key,
			  const uint8_t *nonce, struct str data, struct str plain,
			  struct str cipher)
{
	static const uint8_t zero[HEX_MAX_BYTES];
	uint8_t out[HEX_MAX_BYTES];
	memset(out, 0x55, sizeof(out));
	enum err err = gcm_decrypt(key, nonce, data, cipher, out);
	struct str expected = row->is_valid ? plain : str_bytes(zero, plain.len);
	if (err != (row->is_valid ? OK : ERR_CORRUPT) ||
	    !str_eq(str_bytes(out, plain.len), expected))
		fail_msg("decrypting %d: %s", row->number, row->sentence);
	assert_int_equal(out[plain.len], 0x55);
}

static void check_vectors(const struct gcm_vector *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct gcm_vector *row = &rows[i];
		uint8_t bytes[5][HEX_MAX_BYTES];
		char cipher_and_tag[HEX_MAX_BYTES * 2 + 1];
		snprintf(cipher_and_tag, sizeof(cipher_and_tag), "%s%s", row->cipher, row->tag);
		struct str nonce = hex_decode(row->nonce, bytes[1]);
		struct str data = hex_decode(row->data, bytes[2]);
		struct str plain = hex_decode(row->plain, bytes[3]);
		struct str cipher = hex_decode(cipher_and_tag, bytes[4]);
		struct secret *key CLEANUP_SECRET = NULL;
		assert_int_equal(secret_copy(hex_decode(row->key, bytes[0]), &key), OK);
		assert_int_equal(nonce.len, GCM_NONCE_BYTES);
		assert_int_equal(cipher.len, plain.len + GCM_TAG_BYTES);
		check_encrypt(row, key, bytes[1], data, plain, cipher);
		check_decrypt(row, key, bytes[1], data, plain, cipher);
	}
}

static void nist_vectors(void **state)
{
	(void)state;
	check_vectors(gcm_nist, COUNT(gcm_nist));
}

static void wycheproof_vectors(void **state)
{
	(void)state;
	check_vectors(gcm_wycheproof, COUNT(gcm_wycheproof));
}

static void shorter_than_a_tag_is_corrupt(void **state)
{
	(void)state;
	const uint8_t nonce[GCM_NONCE_BYTES] = {0};
	const uint8_t cipher[GCM_TAG_BYTES] = {0};
	uint8_t out[1];
	struct secret *key CLEANUP_SECRET = NULL;
	assert_int_equal(secret_new(&key), OK);
	for (size_t len = 0; len < GCM_TAG_BYTES; len++)
		assert_int_equal(gcm_decrypt(key, nonce, STR_NONE, str_bytes(cipher, len), out),
				 ERR_CORRUPT);
}

static void *all_vectors(void *data)
{
	check_vectors(gcm_nist, COUNT(gcm_nist));
	*(bool *)data = true;
	return NULL;
}

/* How often these bytes lie in memory that malloc() took from the heap. */
static int count_in_heap(const uint8_t bytes[KEY_BYTES])
{
	int count = 0;
	char line[256];
	FILE *maps = fopen("/proc/self/maps", "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		char *begin, *end;
		if (strstr(line, "[heap]") == NULL ||
		    sscanf(line, "%p-%p", (void **)&begin, (void **)&end) != 2)
			continue;
		for (; begin + KEY_BYTES <= end; begin += 4)
			count += memcmp(begin, bytes, KEY_BYTES) == 0;
	}
	fclose(maps);
	return count;
}

static void no_key_stays_behind(void **state)
{
	(void)state;
	const uint8_t nonce[GCM_NONCE_BYTES] = {0};
	uint8_t cipher[4 + GCM_TAG_BYTES], plain[4];
	struct secret *key CLEANUP_SECRET = NULL;
	assert_int_equal(secret_random(&key), OK);
	assert_int_equal(gcm_encrypt(key, nonce, STR_NONE, STR("text"), cipher), OK);
	assert_int_equal(count_in_heap(key->bytes), 0);
	gcm_batch_begin();
	gcm_batch_begin();
	assert_int_equal(
		gcm_decrypt(key, nonce, STR_NONE, str_bytes(cipher, sizeof(cipher)), plain), OK);
	gcm_batch_end();
	int inside = count_in_heap(key->bytes);
	gcm_batch_end();
	assert_int_equal(count_in_heap(key->bytes), 0);
	assert_memory_equal(plain, "text", sizeof(plain));
	if (inside == 0) /* another allocator, or AES that keeps its key in another form */
		skip();
}

static void each_thread_has_its_own_state(void **state)
{
	(void)state;
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	bool is_done[THREADS] = {false};
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, all_vectors, &is_done[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(is_done[i]);
	}
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nist_vectors),
		cmocka_unit_test(wycheproof_vectors),
		cmocka_unit_test(shorter_than_a_tag_is_corrupt),
		cmocka_unit_test(no_key_stays_behind),
		cmocka_unit_test(each_thread_has_its_own_state),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
