const REFUSED = new Set([401, 404, 410]);

/**
 * What a link answers instead of a file, the browser would save as one, or drop without a word: so it is asked first. The page, loaded
 * again, says what has become of it: recalled, expired, or that one has to sign in.
 */
export function watchDownloads(): void {
	const asked = new WeakSet<HTMLAnchorElement>();
	addEventListener('click', event => {
		const link = (event.target as Element).closest?.<HTMLAnchorElement>('a[download]');
		if (!link || asked.delete(link) || event.ctrlKey || event.metaKey || event.shiftKey) return;
		event.preventDefault();
		void fetch(link.href, { method: 'HEAD', redirect: 'manual' }).catch(() => undefined).then(answer => {
			if (answer && (answer.type === 'opaqueredirect' || REFUSED.has(answer.status))) return location.reload();
			asked.add(link);
			link.click();
		});
	});
}
