// The one thing a plain form cannot know: the time zone of whoever fills it in.
const zone = document.querySelector('input[name="time_zone"]');
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
