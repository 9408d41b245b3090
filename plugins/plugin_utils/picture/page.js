// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
/* global d3, dagre */
"use strict";

// Draws the graph that stands in the page as data. dagre lays out, d3 draws. Names of objects get into the page as text only.
(function () {
  const began = performance.now();
  const graph = JSON.parse(document.getElementById("data").textContent);
  const CHIP = { width: 200, height: 42, gap: 6 }, HEAD = 34, PAD = 8, FOLDED = { width: 208, height: 64 };
  const MOST_BOXES = 4; // of a lane that are laid out one by one; more of them are put into a grid
  const MOST_OPEN = 12, MOST_DRAWN = 60; // members of a box, and of all of them, that are shown at the beginning
  const SEVERITIES = ["error", "warning", "info"];
  const SIGNS = { error: "\u2716", warning: "\u25B2", info: "\u25CB" };
  const WORDS = { error: ["error", "errors"], warning: ["warning", "warnings"], info: ["for information", "for information"] };
  const MARKS = { differs: "\u2260", missing: "\u2212", additional: "+" };
  const COMPARED = { differs: "differs", missing: "only on the other side", additional: "only here" };
  const LANES = graph.lanes.map((lane) => lane.id);
  const CLIENTS_DECIDE = ["contact_server", "queue", "cluster", "other"]; // each client is connected to one of several there

  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const boxOf = new Map();
  graph.boxes.forEach((box) => box.nodes.forEach((id) => boxOf.set(id, box)));
  const titles = new Map(graph.lanes.map((lane) => [lane.id, lane.title]));
  graph.nodes.forEach((node) => { node.findings = []; node.backup = node.pair.startsWith("backup"); });
  graph.findings.forEach((finding) => finding.nodes.forEach((id) => nodes.get(id).findings.push(finding)));
  const compared = graph.compared || { objects: {}, differences: [] };
  graph.nodes.forEach((node) => { node.mark = compared.objects[node.id] || ""; node.differences = []; });
  compared.differences.forEach((item) => item.nodes.forEach((id) => nodes.get(id).differences.push(item)));
  graph.nodes.forEach((node) => { node.text = [node.name, node.host, node.version, node.state, node.word, COMPARED[node.mark], ...node.differences.map((item) => item.option),
    ...node.findings.flatMap((finding) => [finding.rule, finding.severity])].join("\n").toLowerCase(); });
  const ways = graph.links.flatMap((link) => link.to.map((to) => ({ link, from: link.from, to })));
  const waysOf = new Map(graph.nodes.map((node) => [node.id, []]));
  ways.forEach((way) => { waysOf.get(way.from).push(way); waysOf.get(way.to).push(way); });

  const shown = { tenant: "", severity: "", mark: "", kinds: new Set(LANES.filter((lane) => lane !== "other" || LANES.length === 1 || graph.nodes.some((node) => node.kind === lane && node.mark))) };
  const open = new Set(graph.boxes.filter((box) => box.nodes.length <= MOST_OPEN && (graph.nodes.length <= MOST_DRAWN)).map((box) => box.id));
  let chosen = null, drawn = null, words = "";

  // -- texts ---------------------------------------------------------------------------------------------------

  const count = (number, one, many) => number + " " + (number === 1 ? one : many || one + "s");
  const pen = document.createElement("canvas").getContext("2d"), FONT = "px " + getComputedStyle(document.body).fontFamily;
  const wide = (text, font) => { pen.font = font + FONT; return pen.measureText(text).width; };
  const fitted = (text, width, font) => { // shortened in its middle: the ends of names tell them apart
    let most = text.length;
    while (most > 4 && wide(short(text, most), font) > width) most -= Math.max(1, Math.round((wide(short(text, most), font) - width) / 12));
    return short(text, most);
  };
  const short = (text, most) => text.length <= most ? text : text.slice(0, Math.ceil(most / 2) - 1) + "\u2026" + text.slice(text.length - Math.floor(most / 2));
  const wayWords = (link) => {
    if (link.protocol === "endpoint") return "endpoint " + link.port;
    if (link.protocol !== "addp") return link.port + " \u00B7 no addp" + (link.protocol ? ", " + link.protocol : "");
    const known = (value) => value === null || value === undefined ? "?" : value;
    return link.port + " \u00B7 addp " + known(link.local_timeout) + "/" + known(link.remote_timeout) + " s";
  };
  const portWords = (node) => Object.entries(node.ports).sort((one, other) => one[1] - other[1]).map(([port, number]) => port + " " + number).join(", ");
  const stateSign = (state) => state === "RUNNING" ? "\u25CF " : ["STOPPED", "not there"].includes(state) ? "\u25A0 " : state ? "\u25C6 " : "";
  const second = (node) => {
    if (node.mark === "missing") return COMPARED.missing;
    const facts = node.kind === "agent_group" ? node.facts.filter((fact) => fact[0] === "agents").map((fact) => count(+fact[1], "agent")) : [node.host, node.version];
    return [node.state ? stateSign(node.state) + node.state.toLowerCase() : "", ...facts, node.kind === "queue" ? node.tenants[0] : ""].filter(Boolean).join(" \u00B7 ");
  };
  const counting = (findings) => {
    const found = findings.filter((finding) => !finding.waived);
    return SEVERITIES.map((severity) => [severity, found.filter((finding) => finding.severity === severity).length]).filter((item) => item[1]);
  };
  const findingWords = (findings) => counting(findings).map(([severity, number]) => severity === "info" ? number + " for information" : count(number, severity)).join(", ");
  const marking = (members) => Object.keys(MARKS).map((mark) => [mark, members.filter((node) => node.mark === mark).length]).filter((item) => item[1]);
  const markWords = (members) => marking(members).map(([mark, number]) => mark === "differs" ? count(number, "differs", "differ") : number + " " + COMPARED[mark]).join(", ");
  const markSaid = (node) => node.mark === "differs" ? "differs in " + count(node.differences.length, "value") : COMPARED[node.mark] || "";
  const label = (node) => [node.word + " " + node.name, node.pair, node.host && "on " + node.host, node.version && "version " + node.version, node.state,
    markSaid(node), findingWords(node.findings)].filter(Boolean).join(", ");

  // -- what is visible -----------------------------------------------------------------------------------------

  function isVisible(node) {
    if (!shown.kinds.has(node.kind)) return false;
    if (shown.tenant && node.tenants.length && !node.tenants.includes(shown.tenant)) return false;
    if (shown.mark && (shown.mark === "any" ? !node.mark : node.mark !== shown.mark)) return false;
    const found = counting(node.findings);
    return !shown.severity || (shown.severity === "any" ? found.length > 0 : found.some((item) => item[0] === shown.severity));
  }

  function visibleBoxes() {
    return graph.boxes.map((box) => ({ box, members: box.nodes.map((id) => nodes.get(id)).filter(isVisible) })).filter((item) => item.members.length);
  }

  // -- layout --------------------------------------------------------------------------------------------------

  function grid(items, gap) { // puts items of given sizes into rows that make about a landscape page
    const area = d3.sum(items, (item) => (item.width + gap) * (item.height + gap));
    const widest = Math.max(d3.max(items, (item) => item.width), Math.sqrt(area * 1.5));
    let x = 0, y = 0, row = 0, width = 0;
    items.forEach((item) => {
      if (x > 0 && x + item.width > widest) { x = 0; y += row + gap; row = 0; }
      item.left = x; item.top = y;
      x += item.width + gap; row = Math.max(row, item.height); width = Math.max(width, x - gap);
    });
    return { width, height: y + row };
  }

  function sized(item) { // the size of a box, and where its chips are
    item.open = open.has(item.box.id);
    if (!item.open) return Object.assign(item, FOLDED, { chips: [] });
    const rows = Math.ceil(item.members.length / Math.max(1, Math.round(Math.sqrt(item.members.length * CHIP.height * 1.3 / CHIP.width))));
    item.chips = item.members.map((node, number) => ({ node,
      x: PAD + Math.floor(number / rows) * (CHIP.width + CHIP.gap), y: HEAD + (number % rows) * (CHIP.height + CHIP.gap) }));
    const columns = Math.ceil(item.members.length / rows);
    item.width = columns * (CHIP.width + CHIP.gap) - CHIP.gap + 2 * PAD;
    item.height = HEAD + Math.min(rows, item.members.length) * (CHIP.height + CHIP.gap) - CHIP.gap + PAD;
    return item;
  }

  function units(items) { // what is laid out: a box, or a lane of many boxes in a grid
    return d3.groups(items, (item) => item.box.lane).flatMap(([lane, own]) => {
      own.forEach(sized);
      if (own.length <= MOST_BOXES) return own.map((item) => ({ id: item.box.id, lane, items: [Object.assign(item, { left: 0, top: 0 })], width: item.width, height: item.height }));
      const size = grid(own, 10);
      own.forEach((item) => { item.left += 10; item.top += 26; });
      return [{ id: "lane " + lane, lane, items: own, framed: true, width: size.width + 20, height: size.height + 36 }];
    });
  }

  function wires(all) { // between each two units one line, with a row for each way of being connected
    const unitOf = new Map(), order = new Map(all.map((unit, number) => [unit.id, LANES.indexOf(unit.lane) * 1e6 + number]));
    all.forEach((unit) => unit.items.forEach((item) => item.members.forEach((node) => unitOf.set(node.id, unit))));
    const found = new Map();
    ways.forEach((way) => {
      const from = unitOf.get(way.from), to = unitOf.get(way.to);
      if (!from || !to || from === to) return;
      const forward = order.get(from.id) < order.get(to.id);
      const key = forward ? from.id + "\n" + to.id : to.id + "\n" + from.id;
      if (!found.has(key)) found.set(key, { id: key, left: forward ? from : to, right: forward ? to : from, rows: new Map() });
      const target = way.link.protocol === "endpoint" ? nodes.get(way.to).name : "";
      const text = (forward ? "\u2192 " : "\u2190 ") + wayWords(way.link) + (target ? " \u2192 " + short(target, 20) : "");
      const rows = found.get(key).rows;
      if (!rows.has(text)) rows.set(text, { text, forward, from, to, link: way.link, target, ways: [] });
      rows.get(text).ways.push(way);
    });
    const members = (unit) => unit.items.flatMap((item) => item.members).filter((node) => !node.backup && node.mark !== "missing");
    return [...found.values()].map((wire) => {
      wire.rows = [...wire.rows.values()];
      wire.rows.forEach((row) => {
        const clients = members(row.from).length, servers = members(row.to).length;
        const having = new Set(row.ways.map((way) => way.from)), reached = new Set(row.ways.map((way) => way.to));
        if (row.from.lane === "cluster") return; // each groups what it groups
        if (having.size < clients) row.text += " \u00B7 " + having.size + " of " + clients;
        else if (reached.size < servers && !CLIENTS_DECIDE.includes(row.to.lane)) row.text += " \u00B7 to " + reached.size + " of " + servers;
      });
      wire.width = d3.max(wire.rows, (row) => wide(row.text, "10.5")) + 14;
      wire.height = wire.rows.length * 14 + 6;
      return wire;
    });
  }

  function layout() {
    const all = units(visibleBoxes()), lines = wires(all);
    const plan = new dagre.graphlib.Graph({ multigraph: false }).setGraph({ rankdir: "LR", nodesep: 22, edgesep: 14, ranksep: 34, marginx: 16, marginy: 16 });
    plan.setDefaultEdgeLabel(() => ({}));
    all.forEach((unit) => plan.setNode(unit.id, { width: unit.width, height: unit.height }));
    lines.forEach((wire) => plan.setEdge(wire.left.id, wire.right.id, { width: wire.width, height: wire.height, labelpos: "c" }));
    // Nothing tells to which agents a strategy leads: they stand behind the queues, and no line is drawn.
    const behind = all.filter((unit) => unit.lane === "agent_group"), queues = all.filter((unit) => unit.lane === "queue");
    behind.forEach((unit) => queues.forEach((queue) => plan.setEdge(queue.id, unit.id, { weight: 1 })));
    dagre.layout(plan);
    all.forEach((unit) => { const place = plan.node(unit.id); unit.x = place.x - unit.width / 2; unit.y = place.y - unit.height / 2; });
    lines.forEach((wire) => { const place = plan.edge(wire.left.id, wire.right.id); wire.points = place.points; wire.x = place.x; wire.y = place.y; });
    const whole = plan.graph();
    return { units: all, wires: lines, width: Math.max(whole.width || 0, 200), height: Math.max(whole.height || 0, 120) };
  }

  // -- drawing -------------------------------------------------------------------------------------------------

  const svg = d3.select("#picture"), board = svg.append("g");
  const arrows = svg.append("defs").selectAll("marker").data(["arrow-end", "arrow-start"]).join("marker").attr("id", String).attr("viewBox", "0 0 8 8")
    .attr("refX", (id) => id === "arrow-end" ? 7.5 : 0.5).attr("refY", 4).attr("markerWidth", 7).attr("markerHeight", 7).attr("markerUnits", "userSpaceOnUse");
  arrows.append("path").attr("d", (id) => id === "arrow-end" ? "M0,0 L8,4 L0,8 z" : "M8,0 L0,4 L8,8 z");
  const zoom = d3.zoom().scaleExtent([0.05, 4]).on("zoom", (event) => board.attr("transform", event.transform))
    .filter((event) => event.type === "wheel" ? event.ctrlKey || event.metaKey || event.shiftKey : !event.button);
  svg.call(zoom).on("dblclick.zoom", null);

  function button(group, id, text) {
    return group.attr("role", "button").attr("tabindex", -1).attr("data-id", id).attr("aria-label", text);
  }

  function signs(group, findings, x, y) { // signs and numbers, with the shape that tells the severity
    const text = group.append("text").attr("x", x).attr("y", y).attr("text-anchor", "end");
    counting(findings).forEach(([severity, number]) => text.append("tspan").attr("class", severity + "-text").text(" " + SIGNS[severity] + number));
  }

  function drawBox(group, item) {
    const { box, members } = item, kicker = titles.get(box.lane);
    const findings = members.flatMap((node) => node.findings);
    group.append("rect").attr("width", item.width).attr("height", item.height).attr("rx", 7);
    const about = count(members.length, members[0].word);
    const head = button(group.append("g").attr("class", "head"), "box " + box.id,
      [kicker === box.title ? box.title : kicker + ", " + box.title, about, markWords(members), findingWords(findings)].filter(Boolean).join(", ")).attr("aria-expanded", item.open);
    head.append("rect").attr("width", item.width).attr("height", item.open ? HEAD - 2 : item.height).attr("rx", 7);
    head.append("text").attr("class", "kicker").attr("x", 10).attr("y", 12).text((item.open ? "\u25BE " : "\u25B8 ") + (kicker === box.title ? about : kicker));
    head.append("text").attr("class", "title").attr("x", 10).attr("y", 27).text(fitted(box.title, item.width - 20, "bold 12")).append("title").text(box.title);
    if (!item.open) {
      const states = d3.rollups(members.filter((node) => node.state), (own) => own.length, (node) => node.state);
      head.append("text").attr("class", "second").attr("x", 10).attr("y", 44).text(about);
      head.append("text").attr("class", "second").attr("x", 10).attr("y", 57).text(fitted(states.map(([state, number]) => stateSign(state) + number + " " + state.toLowerCase()).join(", "), item.width - 20 - 30 * marking(members).length, "10.5"));
      head.append("text").attr("class", "mark-text").attr("x", item.width - 8).attr("y", 58).attr("text-anchor", "end").text(marking(members).map(([mark, number]) => MARKS[mark] + number).join(" "));
      signs(head, findings, item.width - 8, 44);
    }
    item.chips.forEach((chip) => drawChip(group.append("g"), chip));
  }

  function drawChip(group, chip) {
    const node = chip.node, worst = counting(node.findings)[0];
    button(group, node.id, label(node)).attr("class", ["chip", worst && worst[0], node.mark].filter(Boolean).join(" ")).attr("transform", "translate(" + chip.x + "," + chip.y + ")");
    group.append("rect").attr("width", CHIP.width).attr("height", CHIP.height).attr("rx", 5);
    const left = node.mark ? 24 : 7;
    if (node.mark) {
      group.append("circle").attr("cx", 13).attr("cy", 13).attr("r", 7.5);
      group.append("text").attr("class", "sign").attr("x", 13).attr("y", 17).attr("text-anchor", "middle").text(MARKS[node.mark]);
    }
    group.append("text").attr("class", "name").attr("x", left).attr("y", 17).text(fitted(node.name, CHIP.width - 7 - left - 26 * counting(node.findings).length, "bold 12"));
    group.append("text").attr("class", "second").attr("x", 7).attr("y", 33).text(fitted((node.backup ? "backup \u00B7 " : "") + second(node), CHIP.width - 14, "10.5"));
    signs(group, node.findings, CHIP.width - 6, 17);
    group.append("title").text(label(node));
  }

  function drawWire(group, wire) {
    const line = d3.line().x((point) => point.x).y((point) => point.y).curve(d3.curveBasis);
    const said = wire.rows.map((row) => unitTitle(row.from) + " to " + unitTitle(row.to) + ", " + row.text.slice(2)).join("; ");
    const noAddp = wire.rows.some((row) => !["addp", "endpoint"].includes(row.link.protocol)), ends = wire.rows.every((row) => row.link.protocol === "endpoint");
    button(group.attr("class", "wire"), "wire " + wire.id, said);
    group.append("path").attr("d", line(wire.points)).attr("class", ends ? "endpoint" : noAddp ? "plain" : "")
      .attr("marker-end", wire.rows.some((row) => row.forward) ? "url(#arrow-end)" : null).attr("marker-start", wire.rows.some((row) => !row.forward) ? "url(#arrow-start)" : null);
    group.append("rect").attr("class", "tag").attr("x", wire.x - wire.width / 2).attr("y", wire.y - wire.height / 2).attr("width", wire.width).attr("height", wire.height).attr("rx", 4);
    wire.rows.forEach((row, number) => group.append("text").attr("x", wire.x - wire.width / 2 + 6).attr("y", wire.y - wire.height / 2 + 13 + 14 * number).text(row.text));
  }

  const unitTitle = (unit) => unit.framed || unit.items[0].box.title === titles.get(unit.lane) ? titles.get(unit.lane) : titles.get(unit.lane) + ", " + unit.items[0].box.title;

  function draw(keep) {
    drawn = layout();
    board.selectAll("*").remove();
    const lines = board.append("g"), frames = board.append("g");
    drawn.wires.forEach((wire) => drawWire(lines.append("g"), wire));
    drawn.units.forEach((unit) => {
      const place = frames.append("g").attr("transform", "translate(" + unit.x + "," + unit.y + ")");
      if (unit.framed) {
        place.attr("class", "box").append("rect").attr("width", unit.width).attr("height", unit.height).attr("rx", 9);
        place.append("text").attr("class", "title").attr("x", 10).attr("y", 17).text(titles.get(unit.lane));
      }
      unit.items.forEach((item) => drawBox(place.append("g").attr("class", "box").attr("transform", "translate(" + item.left + "," + item.top + ")"), item));
    });
    if (!drawn.units.length) board.append("text").attr("x", 20).attr("y", 40).text("Nothing is left by these filters.");
    board.selectAll("[role=button]").on("click", (event) => activate(event.currentTarget.dataset.id)).on("focus", (event) => bring(event.currentTarget));
    rove(keep);
    mark();
    if (!keep) fit();
  }

  function fit() {
    const area = svg.node().getBoundingClientRect();
    const scale = Math.min(area.width / drawn.width, area.height / drawn.height, 1.25) || 1;
    svg.call(zoom.transform, d3.zoomIdentity.translate((area.width - drawn.width * scale) / 2, (area.height - drawn.height * scale) / 2).scale(scale));
  }

  // -- choosing, searching -------------------------------------------------------------------------------------

  function activate(id) {
    if (id.startsWith("box ")) {
      const box = id.slice(4);
      if (!open.delete(box)) open.add(box);
      choose(null);
      draw(id);
    } else {
      choose(chosen === id ? null : id);
    }
    focusOn(id);
  }

  function choose(id) {
    chosen = id;
    details();
    mark();
  }

  function mark() { // what is chosen, what belongs to it, and what was searched for
    const near = new Set(chosen && nodes.has(chosen) ? waysOf.get(chosen).flatMap((way) => [way.from, way.to]) : []);
    const hits = new Set(words ? graph.nodes.filter((node) => node.text.includes(words)).map((node) => node.id) : []);
    const wire = chosen && chosen.startsWith("wire ") ? chosen.slice(5) : null;
    board.selectAll(".chip").each(function () {
      const id = this.dataset.id;
      d3.select(this).classed("chosen", id === chosen).classed("near", near.has(id) && id !== chosen).classed("hit", hits.has(id)).classed("miss", Boolean(words) && !hits.has(id));
    });
    board.selectAll(".head").each(function () { // what is folded away counts for its box
      const inside = open.has(this.dataset.id.slice(4)) ? [] : graph.boxes.find((box) => "box " + box.id === this.dataset.id).nodes;
      d3.select(this).classed("near", inside.some((id) => near.has(id))).classed("hit", inside.some((id) => hits.has(id)))
        .classed("miss", Boolean(words) && inside.length > 0 && !inside.some((id) => hits.has(id)));
    });
    board.selectAll(".wire").each(function () {
      const own = drawn.wires.find((item) => "wire " + item.id === this.dataset.id);
      d3.select(this).classed("chosen", own.id === wire).classed("near", chosen !== null && own.rows.some((row) => row.ways.some((way) => way.from === chosen || way.to === chosen)));
    });
    document.getElementById("found").textContent = words ? count(hits.size, "object") + " found" : "";
  }

  function seek() { // the next hit, unfolded
    const hits = words ? graph.nodes.filter((node) => node.text.includes(words) && isVisible(node)) : [];
    if (!hits.length) return;
    const next = hits[(hits.findIndex((node) => node.id === chosen) + 1) % hits.length];
    const box = boxOf.get(next.id).id;
    show(next.id, box);
  }

  function show(id, box) {
    const folded = !open.has(box);
    shown.kinds.add(nodes.get(id).kind);
    d3.selectAll("#kinds input").property("checked", (lane) => shown.kinds.has(lane.id));
    if (!isVisible(nodes.get(id))) { shown.tenant = shown.severity = shown.mark = ""; setSelects(); }
    open.add(box);
    if (folded || !element(id)) draw(id);
    choose(id);
    const found = element(id);
    if (!found) return;
    rove(id);
    if (d3.zoomTransform(svg.node()).k < 0.7) svg.call(zoom.scaleTo, 1);
    bring(found);
  }

  // -- details -------------------------------------------------------------------------------------------------

  function details() {
    const pane = d3.select("#details");
    pane.selectAll("*").remove();
    pane.attr("hidden", chosen ? null : "");
    if (!chosen) return;
    pane.append("button").attr("type", "button").attr("class", "close").attr("aria-label", "Close").text("\u2715").on("click", () => { const id = chosen; choose(null); focusOn(id); });
    if (nodes.has(chosen)) nodeDetails(pane, nodes.get(chosen));
    else wireDetails(pane, drawn.wires.find((wire) => "wire " + wire.id === chosen));
  }

  function jump(parent, id) {
    parent.append("button").attr("type", "button").text(nodes.get(id).name).on("click", () => show(id, boxOf.get(id).id));
  }

  function nodeDetails(pane, node) {
    pane.append("h2").text(node.name);
    const list = pane.append("dl");
    const ports = portWords(node);
    [["what", node.word], ["group", boxOf.get(node.id).title], ["pair", node.pair], ["host", node.host], ["version", node.version],
      ["state", node.state || (["queue", "agent_group"].includes(node.kind) || node.mark === "missing" ? "" : "not asked")], ["compared", markSaid(node)], ["ports", ports], ["tenants", node.tenants.join(", ")], ...node.facts]
      .filter((fact) => fact[1]).forEach(([name, value]) => { list.append("dt").text(name); list.append("dd").text(value); });
    if (node.differences.length) {
      pane.append("h3").text("Differences (" + node.differences.length + ")");
      fill(pane, ["Option", "Here", "There"], node.differences.map((item) => [item.option, saidOf(item.here), saidOf(item.there)]));
    }
    if (node.findings.length) {
      pane.append("h3").text("Findings");
      node.findings.forEach((finding) => findingText(pane.append("div"), finding));
    }
    [["Connected to", "from", "to"], ["Connections from", "to", "from"]].forEach(([title, own, other]) => {
      const found = waysOf.get(node.id).filter((way) => way[own] === node.id);
      if (!found.length) return;
      pane.append("h3").text(title + " (" + found.length + ")");
      const items = pane.append("ul");
      found.forEach((way) => {
        const item = items.append("li");
        jump(item, way[other]);
        item.append("span").text(" " + wayWords(way.link) + (way.link.trace ? ", trace " + way.link.trace : ""));
      });
    });
  }

  const saidOf = (value) => value === null ? "nothing" : value;

  function findingText(parent, finding) {
    const head = parent.append("p");
    head.append("b").attr("class", finding.waived ? "" : finding.severity).text((finding.waived ? "waived" : SIGNS[finding.severity] + " " + WORDS[finding.severity][0]) + " " + finding.rule);
    head.append("span").text(" " + finding.text);
    parent.append("p").text(finding.waived ? "Waived: " + finding.waived : finding.why + " " + finding.cure);
  }

  function wireDetails(pane, wire) {
    pane.append("h2").text("Connections");
    wire.rows.forEach((row) => {
      pane.append("h3").text(wayWords(row.link) + (row.link.trace ? ", trace " + row.link.trace : "") + " (" + row.ways.length + ")");
      const items = pane.append("ul");
      d3.groups(row.ways, (way) => way.from).forEach(([from, own]) => {
        const item = items.append("li");
        jump(item, from);
        item.append("span").text(" to ");
        own.forEach((way) => { jump(item, way.to); item.append("span").text(" "); });
      });
      const without = row.from.items.flatMap((entry) => entry.members).filter((node) => !node.backup && node.mark !== "missing" && !row.ways.some((way) => way.from === node.id));
      if (without.length) pane.append("p").text("Without it: " + without.map((node) => node.name).join(", "));
    });
  }

  // -- keyboard ------------------------------------------------------------------------------------------------

  const element = (id) => board.selectAll("[role=button]").filter(function () { return this.dataset.id === id; }).node();
  const focusOn = (id) => { const found = element(id); if (found) { rove(id); found.focus({ preventScroll: true }); } };

  function rove(id) { // one stop of Tab for the whole picture
    const all = board.selectAll("[role=button]").attr("tabindex", -1);
    const here = (id && element(id)) || board.select(".head").node() || all.node();
    if (here) here.setAttribute("tabindex", 0);
  }

  function bring(found) { // what has the focus is seen
    const area = svg.node().getBoundingClientRect(), own = found.getBoundingClientRect(), scale = d3.zoomTransform(svg.node()).k;
    const outside = (low, high, first, last) => low < first ? first - low + 20 : high > last ? last - high - 20 : 0;
    const x = outside(own.left, Math.min(own.right, own.left + area.width), area.left, area.right), y = outside(own.top, Math.min(own.bottom, own.top + area.height), area.top, area.bottom);
    if (x || y) svg.call(zoom.translateBy, x / scale, y / scale);
  }

  function move(from, key) { // to the nearest in that direction
    const own = from.getBoundingClientRect(), x = (own.left + own.right) / 2, y = (own.top + own.bottom) / 2;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let best = null, least = Infinity;
    board.selectAll("[role=button]").each(function () {
      if (this === from) return;
      const there = (this.querySelector(".tag") || this).getBoundingClientRect(), ax = (there.left + there.right) / 2 - x, ay = (there.top + there.bottom) / 2 - y;
      const along = ax * dx + ay * dy, across = Math.abs(ax * dy) + Math.abs(ay * dx);
      if (along > 1 && along + 3 * across < least) { least = along + 3 * across; best = this; }
    });
    if (best) { rove(best.dataset.id); best.focus({ preventScroll: true }); }
  }

  svg.on("keydown", (event) => {
    const id = event.target.dataset && event.target.dataset.id;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow") && id) move(event.target.querySelector(".tag") || event.target, event.key);
    else if ((event.key === "Enter" || event.key === " ") && id) activate(id);
    else if (event.key === "Escape") choose(null);
    else if (event.key === "+" || event.key === "-") svg.call(zoom.scaleBy, event.key === "+" ? 1.25 : 0.8);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  });

  // -- the controls --------------------------------------------------------------------------------------------

  const on = (id, type, act) => document.getElementById(id).addEventListener(type, act);
  function setSelects() {
    document.getElementById("tenant").value = shown.tenant;
    document.getElementById("severity").value = shown.severity;
    document.getElementById("difference").value = shown.mark;
  }
  d3.select("#tenant").selectAll("option").data(["", ...graph.tenants]).join("option").attr("value", String).text((name) => name || "all tenants");
  const boxes = d3.select("#kinds").selectAll("label").data(graph.lanes).join("label");
  boxes.append("input").attr("type", "checkbox").property("checked", (lane) => shown.kinds.has(lane.id))
    .on("change", (event, lane) => { if (event.target.checked) shown.kinds.add(lane.id); else shown.kinds.delete(lane.id); draw(); });
  boxes.append("span").text((lane) => " " + lane.title);
  on("tenant", "change", (event) => { shown.tenant = event.target.value; draw(); });
  on("severity", "change", (event) => { shown.severity = event.target.value; draw(); });
  on("difference", "change", (event) => { shown.mark = event.target.value; draw(); });
  on("search", "input", (event) => { words = event.target.value.trim().toLowerCase(); mark(); });
  on("search", "keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); seek(); } });
  on("controls", "submit", (event) => event.preventDefault());
  on("unfold", "click", () => { graph.boxes.forEach((box) => open.add(box.id)); draw(); });
  on("fold", "click", () => { open.clear(); draw(); });
  on("nearer", "click", () => svg.call(zoom.scaleBy, 1.25));
  on("farther", "click", () => svg.call(zoom.scaleBy, 0.8));
  on("fit", "click", fit);
  on("theme", "change", (event) => { if (event.target.value) document.documentElement.dataset.theme = event.target.value; else delete document.documentElement.dataset.theme; });

  // -- the rest of the page ------------------------------------------------------------------------------------

  const shownAs = { live: "as the Configuration Server has it", description: "as it would be with the description", snapshot: "as the snapshot " + graph.snapshot + " has kept it" }[graph.of];
  const counted = SEVERITIES.filter((severity) => graph.counts[severity]).map((severity) => count(graph.counts[severity], ...WORDS[severity]));
  const several = graph.lanes.map((lane) => graph.nodes.filter((node) => node.kind === lane.id && node.mark !== "missing")).filter((own) => own.length)
    .map((own) => count(own.length, own[0].word));
  d3.select("#about").text("It is shown " + shownAs + ", " + graph.made + ". " + several.join(", ") + ". Findings: " + (counted.join(", ") || "none")
    + (graph.counts.waived ? ", " + graph.counts.waived + " waived" : "") + "." + (graph.not_judged.length ? " Not judged: " + graph.not_judged.join(", ") + "." : "")
    + (graph.compared ? " Compared with " + compared.with + ": " + (markWords(graph.nodes) || (compared.differences.length ? "no object that is drawn differs" : "nothing differs")) + "." : ""));
  d3.select("#legend").text("A line leads from the client to the server: solid with addp (seconds of the client / of the server), dashed where a connection has none, "
    + "dotted from an endpoint to its queue. \u25CF running, \u25A0 stopped or not there, \u25C6 another state. " + SEVERITIES.map((severity) => SIGNS[severity] + " " + WORDS[severity][1]).join(", ")
    + (graph.compared ? ". " + MARKS.differs + " differs from " + compared.with + " (there), " + MARKS.missing + " only there, " + MARKS.additional + " only here" : "")
    + ". Choose a server, a queue or a line to read all about it; the title of a box folds and unfolds it. By keyboard: Tab into the picture, arrow keys, Enter; + and - zoom, "
    + "0 shows all, Escape lets go. Ctrl and the wheel zoom. To which agents a strategy leads is not in the configuration.");

  function fill(place, heads, rows) {
    const made = place.append("table");
    made.append("thead").append("tr").selectAll("th").data(heads).join("th").attr("scope", "col").text(String);
    const body = made.append("tbody");
    rows.forEach((row) => { const line = body.append("tr"); row.forEach((cell) => Array.isArray(cell) ? line.append("td").append("b").attr("class", cell[1]).text(cell[0]) : line.append("td").text(cell)); });
  }

  function table(id, heads, rows) { // made when it is looked at, or printed
    const place = d3.select("#" + id);
    const make = () => { if (!place.select("table").node()) fill(place, heads, rows()); };
    place.on("toggle", make);
    return make;
  }
  const findings = table("findings", ["Rule", "Severity", "What is wrong", "What to do", "In the picture"], () => graph.findings.map((finding) => [
    finding.rule, finding.waived ? "waived: " + finding.waived : [SIGNS[finding.severity] + " " + WORDS[finding.severity][0], finding.severity], finding.text, finding.why + " " + finding.cure,
    finding.nodes.length ? "yes" : "no"]));
  const servers = table("servers", ["Name", "What", "Group", "Host", "Version", "State", "Ports", "Tenants", "Findings"], () => graph.nodes.map((node) => [
    node.name, node.word + (node.pair ? ", " + node.pair : ""), boxOf.get(node.id).title, node.host, node.version, node.state,
    portWords(node), node.tenants.join(", "), findingWords(node.findings)]));
  const connections = table("connections", ["From", "Connection", "To"], () => graph.links.map((link) => [
    nodes.get(link.from).name, wayWords(link) + (link.trace ? ", trace " + link.trace : ""), link.to.map((id) => nodes.get(id).name).join(", ")]));
  const differences = table("differences", ["Object", "Compared", "Option", "Here", "There", "In the picture"], () => compared.differences.map((item) => [
    item.name, [MARKS[item.sort] + " " + COMPARED[item.sort], "mark"], item.option, saidOf(item.here), saidOf(item.there), item.nodes.length ? "yes" : "no"]));
  d3.selectAll(".compared").attr("hidden", graph.compared ? null : "");
  d3.select("#differences summary").text("Differences from " + compared.with + " (" + compared.differences.length + ")");
  if (graph.findings.length) findings();
  else d3.select("#findings").append("p").text("Nothing is wrong by the rules that were judged.");
  d3.select("#findings summary").text("Findings (" + graph.findings.length + ")");

  let closed = [];
  window.addEventListener("beforeprint", () => { // on paper nothing can be opened
    servers(); connections(); differences();
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((item) => { item.open = true; });
    svg.attr("viewBox", "0 0 " + drawn.width + " " + drawn.height);
    board.attr("transform", null);
  });
  window.addEventListener("afterprint", () => {
    closed.forEach((item) => { item.open = false; });
    svg.attr("viewBox", null); board.attr("transform", d3.zoomTransform(svg.node()));
  });

  details();
  draw();
  document.documentElement.dataset.drawn = Math.round(performance.now() - began);
})();
