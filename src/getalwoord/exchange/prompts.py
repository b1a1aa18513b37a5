"""The prompt template, as other tools write it."""

import json


def around_instruction(template: str) -> tuple[str, str]:
    """Give what stands before and after the instruction in a prompt.

    >>> around_instruction(" {instruction} = {response}")
    (' ', ' = ')
    """
    prompt = template.partition("{response}")[0]
    before, _, after = prompt.partition("{instruction}")
    return before, after


def jinja_template(template: str) -> str:
    """Give the prompt template as a chat template: the last message is the instruction.

    >>> jinja_template("{instruction} = {response}")
    '{{ bos_token + "" + messages[-1]["content"] + " = " }}'
    """
    before, after = (json.dumps(part, ensure_ascii=False) for part in around_instruction(template))
    return f'{{{{ bos_token + {before} + messages[-1]["content"] + {after} }}}}'


def go_template(template: str) -> str:
    """Give the prompt template as Ollama writes it.

    >>> go_template("{instruction} = {response}")
    '{{ .Prompt }} = '
    """
    before, after = (
        part if not {"{", '"', "\n"} & set(part) else f"{{{{ {json.dumps(part)} }}}}"
        for part in around_instruction(template)
    )
    return f"{before}{{{{ .Prompt }}}}{after}"
