{
	__sveltekit_2vct3n = {
		base: "/_",
		assets: "/_"
	};

	const element = document.currentScript.parentElement;

	Promise.all([
		import("/_/_app/immutable/entry/start.DPNBChSj.js"),
		import("/_/_app/immutable/entry/app.EuMxJRQL.js")
	]).then(([kit, app]) => {
		kit.start(app, element);
	});
}
