"""OpenAI's own client, unchanged."""

import openai
import pytest

KEY = "a-key-of-sixteen-letters"


@pytest.fixture(scope="module")
def ask(served):
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def ask_model(served_model):
    with openai.OpenAI(base_url=f"{served_model.url}/v1", api_key="any", max_retries=0) as client:
        yield client


def say(text):
    return [{"role": "system", "content": "Lees."}, {"role": "user", "content": text}]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("zeshonderdzeven", "607"),
        ("drie euro vijftig", "3.50 EUR"),
        ("drie en twee derde", "3 2/3"),
        ("twee komma vijf procent", "2.5 %"),
        ("nul zes een twee", "0612"),
        ("ik zag drie appels", "ik zag 3 appels"),
        ("dretien", "13"),
    ],
)
def test_an_answer_is_written_as_training_pairs_are(ask, text, answer):
    completed = ask.completions.create(model="getalwoord", prompt=text)
    chatted = ask.chat.completions.create(model="getalwoord", messages=say(text), temperature=0.7)

    assert completed.choices[0].text == answer
    assert chatted.choices[0].message.content == answer
    assert completed.choices[0].finish_reason == chatted.choices[0].finish_reason == "stop"


def test_several_prompts_have_their_answers_in_order(ask):
    completed = ask.completions.create(model="getalwoord", prompt=["een", "twee", "drie"])

    assert [choice.text for choice in completed.choices] == ["1", "2", "3"]
    assert [choice.index for choice in completed.choices] == [0, 1, 2]


def test_a_message_may_come_in_parts_and_the_last_of_the_user_is_read(ask):
    messages = [
        {"role": "user", "content": "een"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": [{"type": "text", "text": "drieën"}]},
        {"role": "assistant", "content": "3"},
    ]
    messages[2]["content"] = [
        {"type": "text", "text": "drieën"},
        {"type": "text", "text": "twintig"},
    ]

    chatted = ask.chat.completions.create(model="getalwoord", messages=messages)

    assert chatted.choices[0].message.content == "23"


@pytest.mark.parametrize("usage", [False, True])
def test_a_chat_can_be_streamed(ask, usage):
    options = {"stream_options": {"include_usage": True}} if usage else {}
    stream = ask.chat.completions.create(
        model="getalwoord", messages=say("zes"), stream=True, **options
    )
    chunks = list(stream)

    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert choices[0].delta.role == "assistant"
    assert "".join(choice.delta.content or "" for choice in choices) == "6"
    assert [choice.finish_reason for choice in choices] == [None, None, "stop"]
    assert [chunk.usage is not None for chunk in chunks] == [False] * 3 + [True] * usage


def test_a_completion_can_be_streamed(ask):
    stream = ask.completions.create(model="getalwoord", prompt=["zes", "acht"], stream=True)

    assert [(chunk.choices[0].index, chunk.choices[0].text) for chunk in stream] == [
        (0, "6"),
        (1, "8"),
    ]


def test_models_are_listed(ask, ask_model):
    assert [model.id for model in ask.models.list()] == ["getalwoord"]
    assert [model.id for model in ask_model.models.list()] == ["getalwoord", "adapter", "base"]
    assert ask.models.retrieve("getalwoord").owned_by == "getalwoord"


def test_a_model_that_there_is_not_is_not_found(ask):
    with pytest.raises(openai.NotFoundError, match="there is no model 'gpt-9'"):
        ask.completions.create(model="gpt-9", prompt="een")
    with pytest.raises(openai.NotFoundError, match="start the service with --adapter"):
        ask.chat.completions.create(model="adapter", messages=say("een"))
    with pytest.raises(openai.NotFoundError, match="there is no model"):
        ask.models.retrieve("gpt-9")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 2),
        ("logprobs", True),
        ("tools", [{"type": "function", "function": {"name": "f"}}]),
        ("response_format", {"type": "json_object"}),
    ],
)
def test_what_cannot_be_had_is_refused(ask, field, value):
    with pytest.raises(openai.BadRequestError, match=f"{field} is not supported") as error:
        ask.chat.completions.create(model="getalwoord", messages=say("een"), **{field: value})
    assert error.value.param == field


def test_what_changes_nothing_is_passed_over(ask):
    chatted = ask.chat.completions.create(
        model="getalwoord",
        messages=say("een"),
        n=1,
        top_p=0.3,
        seed=7,
        user="u",
        logprobs=False,
        response_format={"type": "text"},
        extra_body={"something": {"new": 1}},
    )

    assert chatted.choices[0].message.content == "1"


def test_a_text_that_cannot_be_read_is_the_texts_fault(ask):
    with pytest.raises(openai.UnprocessableEntityError, match="cannot read 'zzz'"):
        ask.completions.create(model="getalwoord", prompt="zzz")
    with pytest.raises(openai.UnprocessableEntityError, match="there is no text"):
        ask.chat.completions.create(model="getalwoord", messages=say(""), stream=True)


def test_bad_input_is_a_bad_request(ask):
    with pytest.raises(openai.BadRequestError, match="there is no message of the user"):
        ask.chat.completions.create(
            model="getalwoord", messages=[{"role": "system", "content": "een"}]
        )
    with pytest.raises(openai.BadRequestError, match="prompt"):
        ask.completions.create(model="getalwoord", prompt=[1, 2, 3])
    image = [{"type": "image_url", "image_url": {"url": "data:,"}}]
    with pytest.raises(openai.BadRequestError, match="messages"):
        ask.chat.completions.create(
            model="getalwoord", messages=[{"role": "user", "content": image}]
        )


def test_a_wrong_key_is_an_authentication_error(start):
    service = start("--quiet", environment={"GETALWOORD_API_KEY": KEY})
    for key in ("wrong", KEY[:-1], KEY + "x"):
        with (
            openai.OpenAI(base_url=f"{service.url}/v1", api_key=key, max_retries=0) as client,
            pytest.raises(openai.AuthenticationError, match="give the key"),
        ):
            client.models.list()
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=KEY) as client:
        assert client.completions.create(model="getalwoord", prompt="een").choices[0].text == "1"


def test_the_tuned_model_and_its_base_can_be_asked_alone(ask_model):
    for model in ("adapter", "base"):
        completed = ask_model.completions.create(model=model, prompt="drie")

        assert completed.model == model
        assert completed.usage.prompt_tokens > 0
        assert completed.usage.completion_tokens > 0 or not completed.choices[0].text
        assert completed.usage.total_tokens == (
            completed.usage.prompt_tokens + completed.usage.completion_tokens
        )


def test_an_answer_ends_where_it_is_told_to(ask_model):
    text = "ik zag drie appels en vier peren"

    whole = ask_model.completions.create(model="getalwoord", prompt=text)
    stopped = ask_model.completions.create(model="getalwoord", prompt=text, stop=["peren", " en"])
    short = ask_model.completions.create(model="getalwoord", prompt=text, max_tokens=2)

    assert whole.choices[0].text == "ik zag 3 appels en 4 peren"
    assert stopped.choices[0].text == "ik zag 3 appels"
    assert short.choices[0].finish_reason == "length"
    assert short.usage.completion_tokens == 2
    assert whole.choices[0].text.startswith(short.choices[0].text)
