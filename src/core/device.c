#include "core/device.h"

#include "base/encode.h"
#include "base/random.h"
#include "crypto/digest.h"

#include <string.h>

enum { RANDOM_BYTES = 16, DEVICE_BYTES = RANDOM_BYTES + DIGEST_BYTES };

static void begin_mac(struct mac *mac, const struct cx *cx, struct str address_key,
		      struct str random)
{
	mac_begin(mac, cx->portal->row_key, "device");
	mac_str(mac, address_key);
	mac_str(mac, random);
}

struct str device_known(struct cx *cx, struct str text, struct str address_key)
{
	struct str bytes;
	struct mac mac;
	if (text.len != DEVICE_CHARS || decode_base64url(cx->arena, text, &bytes) != OK)
		return STR_NONE;
	struct str random = str_slice(bytes, 0, RANDOM_BYTES);
	begin_mac(&mac, cx, address_key, random);
	return mac_check(&mac, str_slice(bytes, RANDOM_BYTES, DIGEST_BYTES)) ? random : STR_NONE;
}

struct str device_renew(struct cx *cx, struct str text, struct str address_key)
{
	uint8_t bytes[DEVICE_BYTES];
	struct mac mac;
	if (device_known(cx, text, address_key).len > 0)
		return text;
	random_fill(bytes, RANDOM_BYTES);
	begin_mac(&mac, cx, address_key, str_bytes(bytes, RANDOM_BYTES));
	mac_end(&mac, bytes + RANDOM_BYTES);
	return encode_base64url(cx->arena, str_bytes(bytes, DEVICE_BYTES));
}
