// In a narrow window the screens stand in a row: these buttons say whose is in sight, and go there.

import { h } from "./dom.js";

export class Whose {
  constructor(root, stage, story) {
    this.stage = stage;
    this.screens = [...stage.querySelectorAll(".person, .desk")];
    const names = [...story.people.map((p) => p.first), "Advisor"];
    this.buttons = this.screens.map((screen, i) =>
      h("button", { type: "button", class: `who-${i}`, onclick: () => this.go(screen) }, names[i]));
    root.replaceChildren(...this.buttons);
    stage.addEventListener("scroll", () => this.mark(), { passive: true });
    this.mark();
  }

  go(screen) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.stage.scrollTo({ left: screen.offsetLeft - this.screens[0].offsetLeft, behavior: still ? "auto" : "smooth" });
  }

  // The screen nearest the left edge is in sight; at the far right it is the last one.
  mark() {
    const { scrollLeft, scrollWidth, clientWidth } = this.stage;
    const first = this.screens[0].offsetLeft;
    const away = this.screens.map((x) => Math.abs(x.offsetLeft - first - scrollLeft));
    const end = scrollLeft > 0 && scrollLeft + clientWidth >= scrollWidth - 4;
    const seen = end ? this.screens.length - 1 : away.indexOf(Math.min(...away));
    this.buttons.forEach((b, i) => b.setAttribute("aria-pressed", i === seen));
  }
}
