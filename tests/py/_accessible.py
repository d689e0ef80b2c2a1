# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page must have for somebody with a keyboard or a screen reader, asked of the page in the browser.

Rules: WCAG 2.2, levels A and AA, as far as a program can see them; each complaint names its element.
"""

from __future__ import annotations

__all__ = ["COMPLAINTS"]

COMPLAINTS = r"""
(() => {
    const found = [];
    const all = selector => [...document.querySelectorAll(selector)];
    const say = (rule, element) => found.push(`${rule}: ${element ? element.outerHTML.slice(0, 120) : ""}`);

    // 3.1.1, 2.4.2, 1.3.1: language, title, landmarks, headings, lists and tables
    if (!document.documentElement.lang) say("no language", document.documentElement);
    if (!document.title.trim()) say("no title");
    for (const landmark of ["body > header", "nav", "main", "body > footer", "h1"])
        if (all(landmark).length !== 1) say(`not one ${landmark}`);
    let level = 0;
    for (const heading of all("h1, h2, h3, h4, h5, h6")) {
        const own = Number(heading.tagName[1]);
        if (own > level + 1) say("a level of headings is left out", heading);
        if (!heading.textContent.trim()) say("an empty heading", heading);
        level = own;
    }
    for (const table of all("table")) {
        if (!table.caption || !table.caption.textContent.trim()) say("a table without a caption", table);
        if (!table.tHead) say("a table without a head", table);
        for (const row of table.rows)
            if (!row.querySelector("th[scope]")) say("a row without a header cell", row);
    }
    for (const header of all("th")) {
        if (!["row", "col"].includes(header.scope)) say("a header cell without a scope", header);
        if (!header.textContent.trim()) say("an empty header cell", header);
    }
    for (const list of all("ul, ol, dl"))
        for (const child of list.children)
            if (!["LI", "DT", "DD"].includes(child.tagName)) say("something else in a list", child);
    for (const details of all("details"))
        if (!details.firstElementChild || details.firstElementChild.tagName !== "SUMMARY") say("no summary first", details);

    // 4.1.1, 2.4.4: ids and links
    const ids = all("[id]").map(element => element.id);
    for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) say(`the id ${id} twice`);
    for (const link of all("a")) {
        if (!link.textContent.trim()) say("a link without a text", link);
        const to = link.getAttribute("href");
        if (to.startsWith("#") && !document.getElementById(to.slice(1))) say("a link to nowhere", link);
    }
    for (const name of ["aria-labelledby", "aria-describedby"])
        for (const element of all(`[${name}]`))
            for (const id of element.getAttribute(name).split(" "))
                if (!document.getElementById(id)) say(`${name} of nothing`, element);
    for (const picture of all("svg")) {
        const named = picture.getAttribute("aria-label") || picture.querySelector(":scope > title");
        if (picture.getAttribute("aria-hidden") !== "true" && !(picture.getAttribute("role") === "img" && named))
            say("a picture without a name", picture);
    }

    // 2.1.1: what scrolls can be reached with the keyboard, and has a name
    for (const element of all("body *")) {
        const scrolls = ["auto", "scroll"].includes(getComputedStyle(element).overflowX)
            && element.scrollWidth > element.clientWidth + 1;
        if (scrolls && element.tabIndex < 0 && !element.querySelector("a, summary, [tabindex='0']"))
            say("scrolls, and cannot be reached", element);
        if (element.tabIndex === 0 && element.hasAttribute("tabindex") && !element.getAttribute("aria-label"))
            say("can be reached, and has no name", element);
    }
    // 1.4.10: no scrolling in two directions
    if (document.documentElement.scrollWidth > innerWidth) say(`${document.documentElement.scrollWidth} pixels wide`);

    // 1.4.3: contrast of every text with what is behind it
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const channels = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const seen = new Map();
    const luminance = colour => {
        if (!seen.has(colour)) {
            const [red, green, blue] = channels(colour).slice(0, 3).map(value => value / 255)
                .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
            seen.set(colour, 0.2126 * red + 0.7152 * green + 0.0722 * blue);
        }
        return seen.get(colour);
    };
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (!["rgba(0, 0, 0, 0)", "transparent"].includes(colour)) return colour;
        }
        return "white";
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let counted = 0;
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.textContent.trim() || element.closest("svg")) continue;
        const style = getComputedStyle(element);
        const [one, other] = [luminance(style.color), luminance(behind(element))];
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        counted += 1;
        if (ratio < (large ? 3 : 4.5)) say(`contrast ${ratio.toFixed(2)}`, element);
    }
    if (!counted) say("no text");
    return [...new Set(found)];
})()
"""
"""An expression whose value is the list of what is wrong."""
