#include "backup/archive_text.h"

#include "base/encode.h"

static void add_hex(struct buf *out, const uint8_t digest[DIGEST_BYTES])
{
	for (int i = 0; i < DIGEST_BYTES; i++)
		buf_addf(out, "%02x", digest[i]);
}

void archive_text_label_begin(struct buf *out, const struct archive_label *label)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 64 * 1024);
	struct str public_key = encode_base64url(&arena, label->portal_public);
	struct str name = encode_base64url(&arena, label->name);
	buf_addf(out, "postern backup 1\nat %lld\nschema %lld\nportal %.*s\nname %.*s\n",
		 (long long)label->at_ms, (long long)label->schema, STR_ARGS(public_key),
		 STR_ARGS(name));
	if (arena.failed)
		out->err = ERR_UNAVAILABLE;
}

enum err archive_text_label(struct arena *arena, const struct secret *key,
			    const struct archive_label *label, struct str *ret)
{
	struct buf out CLEANUP_BUF;
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	buf_init(&out, ARCHIVE_LABEL_MAX);
	archive_text_label_begin(&out, label);
	mac_begin(&mac, key, "backup.label");
	mac_str(&mac, buf_str(&out));
	mac_end(&mac, digest);
	buf_add(&out, STR("mac "));
	add_hex(&out, digest);
	buf_add_char(&out, '\n');
	if (out.err != OK)
		return out.err;
	*ret = arena_copy(arena, buf_str(&out));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

void archive_sums_init(struct archive_sums *sums, const struct secret *key, struct str label)
{
	*sums = (struct archive_sums){.key = key};
	buf_init(&sums->manifest, ARCHIVE_MANIFEST_MAX);
	mac_begin(&sums->all, key, "backup.end");
	mac_str(&sums->all, label);
}

void archive_sums_begin(struct archive_sums *sums, const char *name)
{
	mac_begin(&sums->entry, sums->key, "backup.entry");
	mac_str(&sums->entry, str_of(name));
}

void archive_sums_add(struct archive_sums *sums, struct str piece)
{
	mac_str(&sums->entry, piece);
	sums->counts.bytes += (int64_t)piece.len;
}

void archive_sums_end(struct archive_sums *sums, const char *name, int64_t bytes)
{
	uint8_t digest[DIGEST_BYTES];
	mac_end(&sums->entry, digest);
	add_hex(&sums->manifest, digest);
	buf_addf(&sums->manifest, " %lld %s\n", (long long)bytes, name);
	sums->manifest_lines++;
}

void archive_sums_manifest(struct archive_sums *sums)
{
	mac_str(&sums->all, buf_str(&sums->manifest));
	buf_clear(&sums->manifest);
	sums->manifest_lines = 0;
	sums->manifests++;
}

void archive_sums_finish(struct archive_sums *sums, struct buf *out)
{
	uint8_t digest[DIGEST_BYTES];
	mac_int(&sums->all, sums->counts.segments);
	mac_int(&sums->all, sums->counts.blobs);
	mac_int(&sums->all, sums->counts.bytes);
	mac_end(&sums->all, digest);
	buf_addf(out, "segments %lld\nfiles %lld\nbytes %lld\nmac ",
		 (long long)sums->counts.segments, (long long)sums->counts.blobs,
		 (long long)sums->counts.bytes);
	add_hex(out, digest);
	buf_add_char(out, '\n');
}

void archive_sums_release(struct archive_sums *sums)
{
	buf_release(&sums->manifest);
}

enum err archive_key(const struct secret *row_key, struct secret **ret)
{
	return key_derive(row_key, "backup", ret);
}
