"use strict";
(() => {
  const form = document.getElementById("filters");
  const claims = [...document.querySelectorAll(".claim")];
  const count = document.getElementById("count");
  const show = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pick = (name) => form.elements[name].value;
    let left = 0;
    for (const one of claims) {
      const kept = words.every((word) => one.dataset.search.includes(word))
        && ["ledger", "finding", "type"].every((name) => !pick(name) || one.dataset[name] === pick(name));
      one.hidden = !kept;
      left += kept;
    }
    for (const list of document.querySelectorAll(".claims")) {
      list.nextElementSibling.hidden = Boolean(list.querySelector(".claim:not([hidden])"));
    }
    count.textContent = `${left} of ${claims.length} claims shown`;
  };
  const open = () => {
    const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (one && one.classList.contains("claim")) {
      if (one.hidden) { form.reset(); show(); }
      one.querySelector("details").open = true;
      one.scrollIntoView();
    }
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", open);
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = claims.map((one) => one.querySelector("details")).filter((details) => !details.open);
    for (const details of opened) { details.open = true; }
  });
  addEventListener("afterprint", () => { for (const details of opened) { details.open = false; } });
  show();
  open();
})();
