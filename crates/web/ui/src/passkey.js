// Makes and uses passkeys (WebAuthn). The form names its two endpoints: data-start gives the challenge, data-finish takes
// the answer and says where to go next; data-refused has the words for what either may refuse.

const decode = (text) => {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
};

const encode = (buffer) => {
  const bytes = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const withId = (credential) => ({ ...credential, id: decode(credential.id) });

/** What the platform refused, by its stable code. */
class Refused extends Error {}

async function post(url, csrf, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.code);
  return answer;
}

async function create({ publicKey }) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      user: withId(publicKey.user),
      excludeCredentials: (publicKey.excludeCredentials ?? []).map(withId),
    },
  });
  const { response } = credential;
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    extensions: {},
    response: {
      attestationObject: encode(response.attestationObject),
      clientDataJSON: encode(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
  };
}

async function get({ publicKey }) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      allowCredentials: (publicKey.allowCredentials ?? []).map(withId),
    },
  });
  const { response } = credential;
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    extensions: {},
    response: {
      authenticatorData: encode(response.authenticatorData),
      clientDataJSON: encode(response.clientDataJSON),
      signature: encode(response.signature),
      userHandle: response.userHandle && encode(response.userHandle),
    },
  };
}

async function run(form) {
  const { csrf, ...fields } = Object.fromEntries(new FormData(form));
  const challenge = await post(form.dataset.start, csrf, fields);
  const credential = form.dataset.passkey === "create" ? await create(challenge) : await get(challenge);
  const { next } = await post(form.dataset.finish, csrf, credential);
  location.assign(next);
}

export function start() {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const say = form.querySelector("[role=alert]");
    const button = form.querySelector("button[type=submit]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      say.textContent = "";
      button.disabled = true;
      run(form)
        .catch((error) => {
          const words = JSON.parse(form.dataset.refused);
          say.textContent = (error instanceof Refused && words[error.message]) || form.dataset.cancelled;
        })
        .finally(() => {
          button.disabled = false;
        });
    });
    if (window.PublicKeyCredential) button.disabled = false;
    else say.textContent = form.dataset.unsupported;
  }
}
