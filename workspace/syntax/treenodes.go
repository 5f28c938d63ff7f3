//go:build cgo

package syntax

// The tables below say which nodes of each grammar make symbols. Nodes that are
// in none are passed over with all that is in them.

var (
	comment   = node{"", readComment}
	attribute = node{"", readAttribute}
	through   = node{"", readThrough}
	wrapper   = node{"", readAround}
)

var goNodes = map[string]node{
	"comment":              comment,
	"function_declaration": {Function, readFunction},
	"method_declaration":   {Method, readFunction},
	"type_declaration":     {"", readGoGroup},
	"const_declaration":    {"", readGoGroup},
	"var_declaration":      {"", readGoGroup},
	"var_spec_list":        through,
	"type_spec":            {Type, readGoSpec},
	"type_alias":           {Type, readGoSpec},
	"const_spec":           {Constant, readGoSpec},
	"var_spec":             {Variable, readGoSpec},
}

// scriptNodes serves JavaScript, TypeScript and both with JSX.
var scriptNodes = map[string]node{
	"comment":                        comment,
	"decorator":                      attribute,
	"export_statement":               wrapper,
	"ambient_declaration":            wrapper,
	"statement_block":                through,
	"function_declaration":           {Function, readFunction},
	"generator_function_declaration": {Function, readFunction},
	"function_signature":             {Function, readFunction},
	"class_declaration":              {Class, readContainer},
	"abstract_class_declaration":     {Class, readContainer},
	"interface_declaration":          {Interface, readLeaf},
	"type_alias_declaration":         {Type, readBraced},
	"enum_declaration":               {Type, readLeaf},
	"internal_module":                {Module, readModule},
	"module":                         {Module, readModule},
	"lexical_declaration":            {Variable, readVariables},
	"variable_declaration":           {Variable, readVariables},
	"expression_statement":           {"", readStatement},
	"method_definition":              {Method, readMember},
	"method_signature":               {Method, readMember},
	"abstract_method_signature":      {Method, readMember},
	"public_field_definition":        {Method, readField},
	"field_definition":               {Method, readField},
	"arrow_function":                 {Function, readDefault},
	"function_expression":            {Function, readDefault},
	"generator_function":             {Function, readDefault},
	"call_expression":                {Function, readDefault},
	"class":                          {Class, readDefault},
}

var pythonNodes = map[string]node{
	"comment":              comment,
	"decorated_definition": wrapper,
	"function_definition":  {Function, readFunction},
	"class_definition":     {Class, readContainer},
	"if_statement":         through,
	"elif_clause":          through,
	"else_clause":          through,
	"try_statement":        through,
	"except_clause":        through,
	"finally_clause":       through,
	"with_statement":       through,
	"block":                through,
}

var rustNodes = map[string]node{
	"line_comment":            comment,
	"block_comment":           comment,
	"attribute_item":          attribute,
	"function_item":           {Function, readFunction},
	"function_signature_item": {Function, readFunction},
	"struct_item":             {Type, readBraced},
	"enum_item":               {Type, readLeaf},
	"union_item":              {Type, readLeaf},
	"type_item":               {Type, readLeaf},
	"trait_item":              {Interface, readContainer},
	"impl_item":               {Class, readImpl},
	"mod_item":                {Module, readContainer},
	"const_item":              {Constant, readLeaf},
	"static_item":             {Variable, readLeaf},
	"macro_definition":        {Function, readBraced},
	"foreign_mod_item":        through,
	"declaration_list":        through,
}

var javaNodes = map[string]node{
	"line_comment":                    comment,
	"block_comment":                   comment,
	"class_declaration":               {Class, readContainer},
	"enum_declaration":                {Class, readContainer},
	"record_declaration":              {Class, readContainer},
	"interface_declaration":           {Interface, readContainer},
	"annotation_type_declaration":     {Interface, readContainer},
	"enum_body_declarations":          through,
	"method_declaration":              {Method, readFunction},
	"constructor_declaration":         {Method, readFunction},
	"compact_constructor_declaration": {Method, readFunction},
}

// cNodes serves C and C++.
var cNodes = map[string]node{
	"comment":               comment,
	"function_definition":   {Function, readC},
	"declaration":           {Function, readC},
	"field_declaration":     {Function, readC},
	"struct_specifier":      {Type, readCType},
	"union_specifier":       {Type, readCType},
	"enum_specifier":        {Type, readCType},
	"class_specifier":       {Class, readCType},
	"type_definition":       {Type, readTypedef},
	"namespace_definition":  {Module, readContainer},
	"template_declaration":  wrapper,
	"linkage_specification": through,
	"declaration_list":      through,
	"preproc_if":            through,
	"preproc_ifdef":         through,
	"preproc_elif":          through,
	"preproc_else":          through,
}

var luaNodes = map[string]node{
	"comment":              comment,
	"function_declaration": {Function, readLua},
	"variable_declaration": {Function, readLuaAssignment},
	"assignment_statement": {Function, readLuaAssignment},
}
