import { find, make } from './dom';

/** What this browser cannot show, whatever it calls itself: damaged, or of a kind that it does not know. */
export function watchPreview(): void {
	const preview = find('[data-preview]');
	const media = preview && find<HTMLImageElement | HTMLMediaElement>('img, audio, video', preview);
	if (!preview || !media) return;
	const giveUp = () => preview.replaceWith(make('p', { class: 'soft preview-none' }, preview.dataset.preview));
	media.addEventListener('error', giveUp);
	const hasFailed = media instanceof HTMLImageElement ? media.complete && media.naturalWidth === 0 : media.error !== null;
	if (hasFailed) giveUp();
}
