// Shows openapi.json. When that needs a token, the page asks for one, which is
// then also the one of "Try it out".
"use strict";

const login = document.getElementById("login");
const field = document.getElementById("token");

function ask(reason) {
  document.getElementById("reason").textContent = reason;
  login.hidden = false;
  field.focus();
}

function show(spec, token) {
  login.hidden = true;
  const viewer = SwaggerUIBundle({
    spec,
    dom_id: "#viewer",
    deepLinking: false, // its links are within buttons, which screen readers cannot tell
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: false,
    validatorUrl: null,
    onComplete() {
      if (token !== "") {
        viewer.preauthorizeApiKey("token", token);
      }
    },
  });
}

async function load(token) {
  let problem = "The server does not answer.";
  try {
    const headers = token === "" ? {} : { Authorization: "Bearer " + token };
    const answer = await fetch("../openapi.json", { headers, cache: "no-store" });
    if (answer.ok) {
      show(await answer.json(), token);
      return;
    }
    problem = (await answer.json()).detail;
  } catch (err) {
    console.warn(err);
  }
  ask(problem);
}

login.addEventListener("submit", (event) => {
  event.preventDefault();
  load(field.value.trim());
});

load("");
